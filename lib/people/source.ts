import ipaddr from 'ipaddr.js'

/** Returns the address that a request comes from, by Fastify's `trustProxy`; `null` for a Unix socket. */
export function sourceOf ({ ip }: { readonly ip?: string | undefined }): string | null {
  return ip ?? null
}

/** Returns the network within which a caller can choose its address: the address itself, or for IPv6 its /64. */
export function networkOf (source: string | null): string {
  if (source === null || !ipaddr.isValid(source)) return source ?? ''
  return Buffer.from(ipaddr.process(source).toByteArray()).subarray(0, 8).toString('hex')
}
