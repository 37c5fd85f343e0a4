import { isIP } from 'node:net'

/** Ranges of addresses that Fastify knows by name. */
const NAMED_RANGES: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal'])

const BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 }

/** Whether the text says which proxies to trust: all, none, or addresses separated by commas. Fastify counts no hops. */
export function isTrustProxy (text: string): boolean {
  return text === 'true' || text === 'false' || text.split(',').every(part => isAddressRange(part.trim()))
}

/** The same as Fastify takes it. */
export function trustProxyFrom (text: string): boolean | string {
  return text === 'true' || (text !== 'false' && text)
}

function isAddressRange (text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  if (NAMED_RANGES.has(text)) return true
  const longest = BITS[isIP(address)]
  if (longest === undefined || rest.length > 0) return false
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= longest)
}
