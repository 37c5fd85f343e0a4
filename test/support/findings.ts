/** How a number that is not stored shows, in the tables or in the replies to later calls. */
const WITHOUT_A_NUMBER =
  /stored number [0-9]+ is|HTTP status [0-9]+, not [0-9]+|does not mention|entries |[0-9]+ rows, not |Telco-Record |the undo of /

/** How numbers with another class show. */
const OTHER_CLASS = /stored (?:number|changed run) [0-9]+ is .*, not |the undo of |(?:data|row [0-9]+ is) .*"class":/

/** What each server of test/support/mutants.ts does wrong, and the violation that must be found. */
export const FINDINGS = {
  'other code': /entries 401 /,
  'keys in another order': /entries 400 (\w*)(?:, 400 \w*)+, not (?!400 \1,)400 \w*(?:, 400 \w*)+$/,
  'a key is missing': /entries (400 \w*(?:, 400 \w*)*), not \1, 400 \w*$/,
  'other count': /data \{"count":1[0-9]+\}, not \{"count":[0-9]+\}/,
  'other status': /HTTP status 202/,
  'server error': /HTTP status 500/,
  'not an envelope': /not an envelope/,
  'may be stored by caches': /Cache-Control missing/,
  'no reply': /no reply: closed/,
  'a credential in the reply': /the reply contains a credential/,
  'stores another class': OTHER_CLASS,
  'stores another person': /stored load 0 is .*another person/,
  'loses a number': WITHOUT_A_NUMBER,
  'charges too much': /stored balance 1 is /,
  'returns another region': /(?:data|row [0-9]+ is) .*"region":2[12],.*, not .*"region":[12],/,
  'leaves a row out of a list': /[0-9]+ rows, not [0-9]+/,
  'does not name the record': /Telco-Record missing/,
  'forgets a change': /stored change [0-9]+ is|the undo of .*RECORD_NOT_FOUND/,
  'records another stype': /stored changed run [0-9]+ is .*"other"|the undo of /,
  'deletes one number too many': WITHOUT_A_NUMBER,
  'restores another class': OTHER_CLASS,
  'does not catch a rejection': /did not catch unhandledRejection: .*not caught/,
  'does not release a connection': /1 connections are in use/,
  'logs a credential': /the log contains a credential/,
  'leaks memory': /memory has grown/
} as const

export type MutantName = keyof typeof FINDINGS

export const MUTANTS = Object.keys(FINDINGS) as MutantName[]
