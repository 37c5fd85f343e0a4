const MAX_BIGINT = 2n ** 63n - 1n

/** Returns whether a text has the decimal digits of a PostgreSQL `bigint` that is not negative. */
export function isBigint (text: string): boolean {
  return /^[0-9]{1,19}$/.test(text) && BigInt(text) <= MAX_BIGINT
}

/** Returns whether PostgreSQL can store the text: it has no NUL, and no half of a surrogate pair. */
export function isStorable (text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
