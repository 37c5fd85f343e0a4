import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { LRUCache } from 'lru-cache'

const MAX_VERIFIED_PASSWORDS = 1_000
const VERIFIED_PASSWORD_TTL_MS = 60_000

/** An argon2id hash of a password, for the table `people`. */
export async function hashPassword (password: string): Promise<string> {
  return await hash(password)
}

/**
 * Verifies passwords against argon2id hashes and remembers, for a minute after its last use, which password was right
 * for which stored hash. So a busy client pays for argon2 once, and another hash in the table counts at once.
 * What is remembered is a keyed digest that means nothing outside this process.
 */
export class PasswordVerifier {
  readonly #key = randomBytes(32)
  readonly #hashOfNobody = hashPassword(randomBytes(16).toString('hex'))
  readonly #verified = new LRUCache<string, Buffer>({
    max: MAX_VERIFIED_PASSWORDS, ttl: VERIFIED_PASSWORD_TTL_MS, updateAgeOnGet: true
  })

  /** Stands for a password in this process. */
  digest (password: string): Buffer {
    return createHmac('sha256', this.#key).update(password).digest()
  }

  /** Whether the password was right for the hash lately. */
  remembers (storedHash: string, password: string): boolean {
    const remembered = this.#verified.get(storedHash)
    return remembered !== undefined && timingSafeEqual(remembered, this.digest(password))
  }

  /**
   * Whether the password fits the hash. For nobody, whose hash is `undefined`, and for a stored text that is no hash,
   * it takes as long as for a wrong password, so that nobody can find out which usernames exist.
   */
  async verify (storedHash: string | undefined, password: string): Promise<boolean> {
    if (storedHash === undefined) return await this.#verifyNobody(password)
    if (this.remembers(storedHash, password)) return true
    const isRight = await verify(storedHash, password).catch(() => this.#verifyNobody(password))
    if (isRight) this.#verified.set(storedHash, this.digest(password))
    return isRight
  }

  async #verifyNobody (password: string): Promise<false> {
    await verify(await this.#hashOfNobody, password)
    return false
  }
}
