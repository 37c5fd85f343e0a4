/** What a server of mutant.ts does wrong, by its place, and what is found out about it. */
export const FINDINGS = {
  'other code': /says 401 /,
  'keys in another order': /says 400 \w+, 400 \w+.*, not 400/,
  'a key less': /says 400 \w*, not 400 \w*, 400/,
  'other count': /count 1[0-9]+, not [0-9]+/,
  'other status': /HTTP status 202/,
  'server error': /HTTP status 500/,
  'no envelope': /no envelope/,
  'may be stored by caches': /Cache-Control missing/,
  'no reply': /no reply: closed/,
  'a credential in the reply': /a credential stands in the reply/,
  'stores another class': /stored number [0-9]+ is .*, not /,
  'stores another load': /stored load 0 is .*nobody/,
  'loses a number': /stored number [0-9]+ is|HTTP status 20[01], not 400|does not mention|says /,
  'charges too much': /stored balance 1 is /,
  'rejects without being caught': /has not caught unhandledRejection: .*nobody catches this/,
  'keeps a connection': /1 connections are lent/,
  'logs a credential': /a credential stands in the log/,
  'keeps memory': /memory has grown/
} as const

export type SabotageName = keyof typeof FINDINGS

export const SABOTAGES = Object.keys(FINDINGS) as SabotageName[]
