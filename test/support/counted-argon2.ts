import * as argon2 from '@node-rs/argon2'
import type { Test } from 'tap'

/** The verifications by argon2 of the modules that {@link countArgon2} returns. */
export interface Verifications {
  begun: number
  running: number
  /** The most that ran at once. */
  mostAtOnce: number
  /** Algorithm and cost parameters of each hash that was verified to the end. */
  readonly costs: string[]
}

/** The algorithm and the cost parameters of a hash, on which the time of its verification depends. */
export function costOf (hash: string): string {
  return /^\$argon2id\$v=\d+\$[^$]+/.exec(hash)?.[0] ?? ''
}

/** Imports the plugin and its password verifier with an argon2 that counts its verifications. */
export async function countArgon2 (t: Test) {
  const verifications: Verifications = { begun: 0, running: 0, mostAtOnce: 0, costs: [] }
  const verify = async (hash: string, password: string): Promise<boolean> => {
    verifications.begun++
    verifications.mostAtOnce = Math.max(verifications.mostAtOnce, ++verifications.running)
    try {
      const isRight = await argon2.verify(hash, password)
      verifications.costs.push(costOf(hash))
      return isRight
    } finally {
      verifications.running--
    }
  }
  // A mock reaches only the module that imports it, so each module on the way is imported anew.
  const passwords = await t.mockImport<typeof import('../../lib/people/passwords.js')>('../../lib/people/passwords.js', {
    '@node-rs/argon2': { hash: argon2.hash, verify }
  })
  const authenticator = await t.mockImport<object>('../../lib/people/authenticator.js', { '../../lib/people/passwords.js': passwords })
  const { default: telcoNumbers } = await t.mockImport<typeof import('../../lib/index.js')>('../../lib/index.js', {
    '../../lib/people/authenticator.js': authenticator
  })
  return { verifications, telcoNumbers, PasswordVerifier: passwords.PasswordVerifier }
}
