/** The largest size of an import. */
export const FILE_BYTES = 33_554_432

function filled (unit: string, head = ''): Buffer {
  const file = Buffer.alloc(FILE_BYTES, unit)
  file.write(head)
  return file
}

/** Files of 32 MiB that have no numbers, each with what must be said of it. */
export const HOSTILE_FILES: ReadonlyArray<{ readonly name: string, readonly make: () => Buffer, readonly message: RegExp }> = [
  { name: 'one line', make: () => filled('9'), message: /^line 1: a row must have at most/ },
  { name: 'one cell', make: () => filled('x', 'number\n"'), message: /^line 2: a row must have at most/ },
  { name: 'a million columns', make: () => filled('a,', 'number,'), message: /^line 1: a row must have at most/ },
  { name: 'only quotes', make: () => filled('"'), message: /^line 1: a row must have at most/ },
  { name: 'only delimiters', make: () => filled(','), message: /^line 1: a row must have at most/ },
  { name: 'only NUL', make: () => Buffer.alloc(FILE_BYTES), message: /^line 1: a row must have at most/ },
  { name: 'bytes that are not UTF-8', make: () => Buffer.alloc(FILE_BYTES, 0xff), message: /^line 1: the file must be UTF-8/ }
]

/** Also without numbers, but with millions of rows, which take a minute on a busy machine. */
export const LINE_FEEDS = { name: 'only line feeds', make: () => filled('\n'), message: /^the file has no numbers/ }

/** The same number in every row: a row is kept for each. */
export const REPEATED = { name: 'one number a million times', make: () => filled('1\n'), message: /^line 1000001: the file has more than 1000000 numbers/ }

/** The most that reading may take: of a file without numbers, and of any file. */
export const MAX_EMPTY_BYTES = 256 * 2 ** 20
export const MAX_BYTES = 2 ** 30
