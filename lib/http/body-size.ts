/**
 * Maximum count of characters of a body without its longest parameter, which may be a file: twenty times the parameters of the
 * longest sensible call. In memory, many small parameters take many times their length.
 */
export const MAX_PARAMETERS_LENGTH = 65_536

const QUOTE = 0x22
const BACKSLASH = 0x5C

/** The place of a part of a text. */
export interface Span {
  readonly begin: number
  readonly end: number
}

/** Returns whether a form is too long without its longest parameter. */
export function isFormTooLong (text: string): boolean {
  const separator = /[&;]/g
  let [longest, others, end] = [0, 0, 0]
  while (end < text.length && others <= MAX_PARAMETERS_LENGTH) {
    const begin = end
    end = separator.test(text) ? separator.lastIndex : text.length
    others += Math.min(longest, end - begin)
    longest = Math.max(longest, end - begin)
  }
  return others > MAX_PARAMETERS_LENGTH
}

/**
 * Returns the place of the longest string of a JSON text, valid or not, with its quotes; it is empty if the text has no string.
 * Returns `undefined` if the text is too long without it.
 */
export function findLongestString (text: string): Span | undefined {
  let longest: Span = { begin: 0, end: 0 }
  let [others, end] = [0, 0]
  while (end < text.length && others <= MAX_PARAMETERS_LENGTH) {
    const quote = text.indexOf('"', end)
    const begin = quote === -1 ? text.length : quote
    others += begin - end
    end = endOfString(text, begin + 1)
    const isLonger = end - begin > longest.end - longest.begin
    others += isLonger ? longest.end - longest.begin : end - begin
    if (isLonger) longest = { begin, end }
  }
  return others > MAX_PARAMETERS_LENGTH ? undefined : longest
}

/**
 * Returns the end of a string, or of the text if the string has none. A regular expression takes fifty times as long if the
 * string is full of escapes.
 */
export function endOfString (text: string, start: number): number {
  for (let index = start; index < text.length; index++) {
    const character = text.charCodeAt(index)
    if (character === QUOTE) return index + 1
    if (character === BACKSLASH) index++
  }
  return text.length
}
