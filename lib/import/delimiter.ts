import type { ImportRequest } from '../parameters/import.js'

/** The delimiters that are recognized, the most distinctive first: a comma may also be in numbers and names. */
const DELIMITERS = ['\t', ';', ','] as const

/** Count of characters in which a delimiter is searched. */
const MAX_SEARCHED_LENGTH = 65_536

/** A text in pieces, with the delimiter of its cells. */
export interface DelimitedText {
  readonly delimiter: string
  readonly texts: AsyncIterable<string>
}

/** Returns a text with its delimiter: the parameter `delimiter`, or, if that is empty, the one that is recognized. */
export async function delimitedText (
  texts: AsyncGenerator<string, undefined>, delimiter: ImportRequest['delimiter']
): Promise<DelimitedText> {
  if (delimiter === '') return await recognizeDelimiter(texts)
  return { texts, delimiter: delimiter === 'tab' ? '\t' : delimiter }
}

/** Recognizes the delimiter: the most frequent one of the first line that has one outside of quotes. */
async function recognizeDelimiter (texts: AsyncIterator<string, undefined>): Promise<DelimitedText> {
  let head = ''
  let delimiter: string | undefined
  while (delimiter === undefined && head.length < MAX_SEARCHED_LENGTH) {
    const next = await texts.next()
    if (next.done === true) break
    head += next.value
    delimiter = mostFrequent(completeLines(withoutQuoted(head)))
  }
  return { delimiter: delimiter ?? mostFrequent(withoutQuoted(head.slice(0, MAX_SEARCHED_LENGTH))) ?? ',', texts: joined(head, texts) }
}

function withoutQuoted (text: string): string {
  return text.replace(/"[^"]*"/g, '')
}

/** Returns the lines that have ended before any quote that is still open. */
function completeLines (text: string): string {
  const [known = ''] = text.split('"', 1)
  return known.slice(0, known.lastIndexOf('\n') + 1)
}

function mostFrequent (lines: string): string | undefined {
  const line = lines.split('\n').find(line => /[\t;,]/.test(line))
  if (line === undefined) return undefined
  const counts = DELIMITERS.map(delimiter => line.split(delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))]
}

async function* joined (head: string, rest: AsyncIterator<string, undefined>): AsyncGenerator<string, undefined> {
  yield head
  yield* { [Symbol.asyncIterator]: () => rest }
}
