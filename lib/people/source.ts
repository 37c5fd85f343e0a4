import ipaddr from 'ipaddr.js'

/** Where a request comes from, as Fastify knows it by `trustProxy`; `null` for a Unix socket, which has no address. */
export function sourceOf ({ ip }: { readonly ip?: string | undefined }): string | null {
  return ip ?? null
}

/** What one caller can choose its address from at will: the address itself, and for IPv6 all of its /64. */
export function networkOf (source: string | null): string {
  if (source === null || !ipaddr.isValid(source)) return source ?? ''
  return Buffer.from(ipaddr.process(source).toByteArray()).subarray(0, 8).toString('hex')
}
