import type { Issue } from '../errors.js'

/** The issues of a file, in the order in which they were found: at most `maximum` of them, and the count of the rest. */
export class FileIssues {
  readonly #maximum: number
  readonly #issues: Issue[] = []
  #count = 0

  constructor (maximum: number) {
    this.#maximum = maximum
  }

  get maximum (): number {
    return this.#maximum
  }

  get isEmpty (): boolean {
    return this.#count === 0
  }

  /** Adds an issue about rows: the lines on which the first and the last of them begin. */
  add (line: number, column: string | undefined, message: string, lastLine = line): void {
    const place = describeLines(line, lastLine)
    this.addIssue({ key: 'csv', message: `${place}${column === undefined ? '' : `, column ${column}`}: ${message}`, line, lastLine })
  }

  /** Adds an issue about the file as a whole, or about the parameter `key`. */
  addIssue (issue: Issue): void {
    this.#count++
    if (this.#issues.length < this.#maximum) this.#issues.push(issue)
  }

  /** Counts issues that are not listed, because they were not even read. */
  addUnlisted (count: number): void {
    this.#count += count
  }

  /** Returns issues to which others can be added. */
  copy (): FileIssues {
    const copy = new FileIssues(this.#maximum)
    copy.#issues.push(...this.#issues)
    copy.#count = this.#count
    return copy
  }

  list (): Issue[] {
    const more = this.#count - this.#issues.length
    return more === 0 ? this.#issues : [...this.#issues, { key: 'csv', message: `and ${more} more` }]
  }
}

/** Returns lines in words. */
export function describeLines (first: number, last: number): string {
  return first === last ? `line ${first}` : `lines ${first} to ${last}`
}
