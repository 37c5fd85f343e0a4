import type { CustomTypesConfig } from 'pg'

/** Functions that parse the text of a value, by the identifier of its type in PostgreSQL. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: text => text === 't',
  21: Number,
  23: Number,
  114: JSON.parse,
  3802: JSON.parse,
  1184: parseTimestamp
}

/**
 * The parsers of every statement: identifiers (bigint) and money (numeric) stay text. The parsers of `pg` are not used, because a
 * host may change them for the whole process.
 */
export const TYPES: CustomTypesConfig = {
  getTypeParser: (type: number) => PARSERS[type] ?? ((text: string) => text)
}

/** Parses a timestamp in ISO style, which every transaction sets: `2026-11-25 04:29:06.5+00`. */
function parseTimestamp (text: string): Date {
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
}
