import ipaddr from 'ipaddr.js'
import { escapeControls } from '../parameters/invisible.js'

/**
 * Returns the address of the sender of a request, according to Fastify's `trustProxy`; `null` for a Unix socket. A trusted header
 * may contain any other text.
 */
export function sourceOf ({ ip }: { readonly ip?: string | undefined }): string | null {
  return ip === undefined ? null : escapeControls(ip)
}

/** Returns the network within which a caller can choose its address: the address itself, or for IPv6 its /64. */
export function networkOf (source: string | null): string {
  if (source === null || !ipaddr.isValid(source)) return source ?? ''
  return Buffer.from(ipaddr.process(source).toByteArray()).subarray(0, 8).toString('hex')
}
