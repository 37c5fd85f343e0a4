import ipaddr from 'ipaddr.js'
import { escapeControls } from '../parameters/invisible.js'

/**
 * Returns the address that a request comes from, by Fastify's `trustProxy`; `null` for a Unix socket. A header that is trusted
 * may have any text instead.
 */
export function sourceOf ({ ip }: { readonly ip?: string | undefined }): string | null {
  return ip === undefined ? null : escapeControls(ip)
}

/** Returns the network within which a caller can choose its address: the address itself, or for IPv6 its /64. */
export function networkOf (source: string | null): string {
  if (source === null || !ipaddr.isValid(source)) return source ?? ''
  return Buffer.from(ipaddr.process(source).toByteArray()).subarray(0, 8).toString('hex')
}
