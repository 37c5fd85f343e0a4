import * as argon2 from '@node-rs/argon2'
import type { Test } from 'tap'

/** The verifications by argon2 of the modules that {@link countArgon2} returns. */
export interface Verifications {
  begun: number
  running: number
  /** The maximum that ran at the same time. */
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
  // As URLs, because tap resolves relative paths against the source file, but the tests run as compiled files.
  const urlOf = (file: string): string => String(new URL(`../../lib/${file}`, import.meta.url))
  const mocks = { '@node-rs/argon2': { hash: argon2.hash, verify } }
  const { PasswordVerifier } = await t.mockImport<typeof import('../../lib/people/passwords.js')>(urlOf('people/passwords.js'), mocks)
  const { default: telcoNumbers } = await t.mockImport<typeof import('../../lib/index.js')>(urlOf('index.js'), mocks)
  return { verifications, telcoNumbers, PasswordVerifier }
}
