import { Limiter, type LimiterOptions } from '../concurrency/limiter.js'
import type { ImportSource } from '../import/read-file.js'

/** A file of more bytes, or of unknown size, is large: its rows take up to a gigabyte until they are added. */
const MAX_SMALL_FILE_BYTES = 65_536

/** The bytes of a short row. */
const ROW_BYTES = 12

// Of the process, because they limit its memory. One large file at a time leaves small ones their places.
const LARGE_FILES = new Limiter(1)
const SMALL_FILES = new Limiter(8)

/** Runs a task that reads a file and adds its numbers. */
export async function runImport<Result> (
  source: ImportSource, options: LimiterOptions, task: () => Promise<Result>
): Promise<Result> {
  const limiter = sizeOf(source) > MAX_SMALL_FILE_BYTES ? LARGE_FILES : SMALL_FILES
  return await limiter.run(options, task)
}

function sizeOf (source: ImportSource): number {
  if (typeof source === 'string' || source instanceof Uint8Array) return source.length
  return Array.isArray(source) ? source.length * ROW_BYTES : Infinity
}
