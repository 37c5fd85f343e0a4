import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { LRUCache } from 'lru-cache'

const REMEMBERED_HASHES = 1_000
const REMEMBERED_MILLISECONDS = 60_000

/** An argon2id hash of a password, for the table `people`. */
export async function hashPassword (password: string): Promise<string> {
  return await hash(password)
}

/**
 * Verifies passwords against argon2id hashes and remembers, for a minute, which password was right for which
 * stored hash. So a busy client pays for argon2 once, and another hash in the table counts at once.
 * What is remembered is a keyed digest that means nothing outside this process.
 */
export class PasswordVerifier {
  readonly #key = randomBytes(32)
  readonly #verified = new LRUCache<string, Buffer>({ max: REMEMBERED_HASHES, ttl: REMEMBERED_MILLISECONDS })
  readonly #hashOfNobody = hashPassword(randomBytes(16).toString('hex'))

  async verify (storedHash: string, password: string): Promise<boolean> {
    const digest = createHmac('sha256', this.#key).update(password).digest()
    const remembered = this.#verified.get(storedHash)
    if (remembered !== undefined && timingSafeEqual(remembered, digest)) return true

    // A stored text that is no argon2 hash fits no password.
    const isRight = await verify(storedHash, password).catch(() => false)
    if (isRight) this.#verified.set(storedHash, digest)
    return isRight
  }

  /** Costs as much time as a wrong password, so that nobody can find out which usernames exist. */
  async verifyNobody (password: string): Promise<null> {
    await verify(await this.#hashOfNobody, password)
    return null
  }
}
