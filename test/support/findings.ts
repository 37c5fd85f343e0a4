/** What each server of test/support/mutants.ts does wrong, and the violation that must be found. */
export const FINDINGS = {
  'other code': /entries 401 /,
  'keys in another order': /entries 400 (\w*)(?:, 400 \w*)+, not (?!400 \1,)400 \w*(?:, 400 \w*)+$/,
  'a key is missing': /entries (400 \w*(?:, 400 \w*)*), not \1, 400 \w*$/,
  'other count': /count 1[0-9]+, not [0-9]+/,
  'other status': /HTTP status 202/,
  'server error': /HTTP status 500/,
  'not an envelope': /not an envelope/,
  'may be stored by caches': /Cache-Control missing/,
  'no reply': /no reply: closed/,
  'a credential in the reply': /the reply contains a credential/,
  'stores another class': /stored number [0-9]+ is .*, not /,
  'stores another person': /stored load 0 is .*another person/,
  'loses a number': /stored number [0-9]+ is|HTTP status 20[01], not 400|does not mention|entries /,
  'charges too much': /stored balance 1 is /,
  'does not catch a rejection': /did not catch unhandledRejection: .*not caught/,
  'does not release a connection': /1 connections are in use/,
  'logs a credential': /the log contains a credential/,
  'leaks memory': /memory has grown/
} as const

export type MutantName = keyof typeof FINDINGS

export const MUTANTS = Object.keys(FINDINGS) as MutantName[]
