import { endOfString } from './json-object.js'

/**
 * Maximum count of characters of a body without its longest parameter, which may be a file: twenty times the parameters of the
 * longest sensible call. In memory, many small parameters take many times their length.
 */
export const MAX_PARAMETERS_LENGTH = 65_536

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

/** Returns whether a JSON text, valid or not, is too long without its longest string. */
export function isJsonTooLong (text: string): boolean {
  let [longest, others, end] = [0, 0, 0]
  while (end < text.length && others <= MAX_PARAMETERS_LENGTH) {
    const quote = text.indexOf('"', end)
    const begin = quote === -1 ? text.length : quote
    others += begin - end
    end = endOfString(text, begin + 1)
    others += Math.min(longest, end - begin)
    longest = Math.max(longest, end - begin)
  }
  return others > MAX_PARAMETERS_LENGTH
}
