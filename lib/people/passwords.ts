import { hash as digest, randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { LRUCache } from 'lru-cache'

const MAX_VERIFIED_PASSWORDS = 1_000
const VERIFIED_PASSWORD_TTL_MS = 60_000

/** KiB, passes and lanes of argon2id, as OWASP recommends. */
const COSTS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Limits for stored hashes, far above {@link COSTS}: one login must not exhaust the machine. */
const MAX_MEMORY_KIB = 262_144
const MAX_PASSES = 16
const MAX_LANES = 16

const STORED_COSTS = /^\$argon2(?:id|i|d)\$(?:v=[0-9]+\$)?m=([0-9]+),t=([0-9]+),p=([0-9]+)\$/

/** A hash that no password has, created without hashing one. It costs as much to verify as a stored hash. */
const DUMMY_HASH = [
  '', 'argon2id', 'v=19', `m=${COSTS.memoryCost},t=${COSTS.timeCost},p=${COSTS.parallelism}`,
  ...[16, 32].map(bytes => randomBytes(bytes).toString('base64').replaceAll('=', ''))
].join('$')

/** Returns an argon2id hash of a password, for the table `people`. */
export async function hashPassword (password: string): Promise<string> {
  return await hash(password, COSTS)
}

/**
 * Verifies passwords against argon2id hashes, and remembers which password was right for which stored hash until a minute after
 * its last use. So a busy client pays for argon2 once, and a new hash in the table takes effect immediately. It remembers keyed
 * digests, which are useless outside this process.
 */
export class PasswordVerifier {
  readonly #key = randomBytes(32).toString('base64')
  readonly #verified = new LRUCache<string, string>({
    max: MAX_VERIFIED_PASSWORDS, ttl: VERIFIED_PASSWORD_TTL_MS, updateAgeOnGet: true
  })

  /** Returns a digest that represents a password in this process. */
  digest (password: string): string {
    return digest('sha256', `${this.#key}${password}`, 'base64')
  }

  /** Returns whether the password was recently right for the hash. */
  remembers (storedHash: string, password: string): boolean {
    // The time that a comparison of keyed digests takes reveals nothing.
    return this.#verified.get(storedHash) === this.digest(password)
  }

  /**
   * Returns whether the password is right for the hash. Unknown and disabled people, whose hash is `undefined`, and stored texts
   * that are not hashes, or cost too much, are verified against a dummy hash, so timing reveals nothing.
   */
  async verify (storedHash: string | undefined, password: string): Promise<boolean> {
    if (storedHash === undefined || !isAffordable(storedHash)) return await verifyDummy(password)
    if (this.remembers(storedHash, password)) return true
    const isRight = await verify(storedHash, password).catch(() => verifyDummy(password))
    if (isRight) this.#verified.set(storedHash, this.digest(password))
    return isRight
  }
}

async function verifyDummy (password: string): Promise<false> {
  await verify(DUMMY_HASH, password)
  return false
}

function isAffordable (storedHash: string): boolean {
  const [, memory, passes, lanes] = STORED_COSTS.exec(storedHash) ?? []
  return Number(memory) <= MAX_MEMORY_KIB && Number(passes) <= MAX_PASSES && Number(lanes) <= MAX_LANES
}
