import { isIP } from 'node:net'

/** Fastify's names of address ranges. */
const NAMED_RANGES: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal'])

const BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 }

/** Returns whether a text lists trusted proxies: all, none, or addresses separated by commas. Counts of hops are refused. */
export function isTrustProxy (text: string): boolean {
  return text === 'true' || text === 'false' || text.split(',').every(part => isAddressRange(part.trim()))
}

/** Returns the same as an option of Fastify. */
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
