/** The lengths of a parameter's name from which one, two and three letters may be wrong. */
const LENGTHS = [0, 7, 10]

/** More than the length of any name and of the letters that may be extra. The name in a JSON object may be as long as a file. */
const MAX_NAME_LENGTH = 100

/**
 * Returns the parameter or option that an unknown name misspells: in another case, with `-` for `_`, or with a letter that is
 * wrong, missing, extra or swapped with the next one. Names of seven letters may have two such letters, names of ten three
 * (contract: "unknown name").
 */
export function findMisspelt (name: string, parameters: readonly string[]): string | undefined {
  const given = name.slice(0, MAX_NAME_LENGTH).toLowerCase().replaceAll('-', '_')
  return parameters.find(parameter => (
    isClose(given, parameter.toLowerCase(), LENGTHS.filter(length => parameter.length >= length).length)))
}

function isClose (given: string, known: string, edits: number): boolean {
  if (Math.abs(given.length - known.length) > edits) return false
  let position = 0
  while (position < known.length && given[position] === known[position]) position++
  if (position === known.length) return true
  if (edits === 0) return false
  const [left, right] = [given.slice(position), known.slice(position)]
  return isClose(left.slice(1), right.slice(1), edits - 1) ||
    isClose(left.slice(1), right, edits - 1) ||
    isClose(left, right.slice(1), edits - 1) ||
    (left[0] === right[1] && left[1] === right[0] && isClose(left.slice(2), right.slice(2), edits - 1))
}
