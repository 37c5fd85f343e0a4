import type { Query } from '../database/database.js'
import { nameOf } from '../import/columns.js'
import type { FileIssues } from '../import/file-issues.js'
import { describePrefix } from '../import/overlaps.js'
import { lineAt, type FileRange } from '../import/ranges.js'
import type { ImportFile } from '../import/read-file.js'
import { distance } from '../numbers/number-range.js'
import { findChargeIssues, type Purchase } from '../repository/charges.js'
import { findBadRangeReferences, findConflictRuns, findMixedLengths } from '../repository/range-checks.js'
import { describeChargeIssue, describeReference, explainReference } from './database-checks.js'

const MAX_WARNINGS = 10

/** The maximum of invalid references for which a refusal lists the rows that they could have meant. */
const MAX_EXPLAINED = 20

/** The issues of a file, and warnings for a person before it is added. */
export interface CheckedFile {
  readonly issues: FileIssues
  readonly warnings: readonly string[]
}

interface Checks {
  readonly file: ImportFile
  readonly purchases: readonly Purchase[]
  /** What is done about numbers that are prefixes of others. Looking for them takes ten times as long as for conflicts. */
  readonly mixedLengths: 'refuse' | 'warn' | 'ignore'
}

/** Returns the issues of the file itself, followed by those against the database. Writes nothing. */
export async function checkFile (query: Query, { file, purchases, mixedLengths }: Checks): Promise<CheckedFile> {
  const issues = file.issues.copy()
  await checkReferences(query, file, issues)
  for (const column of ['number', 'alias'] as const) await checkConflicts(query, file, column, issues)
  await checkCharges(query, file, purchases, issues)
  const isRefused = mixedLengths === 'refuse'
  // A refusal has no warnings.
  const isChecked = isRefused || (mixedLengths === 'warn' && issues.isEmpty)
  return { issues, warnings: isChecked ? await checkLengths(query, file, isRefused, issues) : [] }
}

async function checkReferences (query: Query, { ranges, columns }: ImportFile, issues: FileIssues): Promise<void> {
  for (const [place, { range: index, id, ...bad }] of (await findBadRangeReferences(query, ranges)).entries()) {
    const [range, column] = [ranges[index], columns.get(bad.key)]
    const message = place < MAX_EXPLAINED ? await explainReference(query, bad, id) : describeReference(bad, id)
    if (range === undefined || column === undefined) issues.addIssue({ key: bad.key, message })
    else issues.add(lineAt(range, 0), column.name, message)
  }
}

async function checkConflicts (
  query: Query, { ranges, columns }: ImportFile, column: 'number' | 'alias', issues: FileIssues
): Promise<void> {
  const runs = await findConflictRuns(query, column, ranges, issues.maximum)
  for (const { range: index, first, last, count } of runs) {
    const range = ranges[index]
    const members = column === 'number' ? range?.numbers : range?.aliases
    const exist = count === 1 ? `${column} ${first} already exists` : `${count} ${column === 'number' ? 'numbers' : 'aliases'} already exist: ${first} to ${last}`
    if (range !== undefined && members !== undefined) {
      const place = distance(members.first, first)
      issues.add(lineAt(range, place), nameOf(columns, column), exist, lineAt(range, place + count - 1))
    }
  }
  issues.addUnlisted((runs[0]?.total ?? 0) - runs.length)
}

async function checkCharges (
  query: Query, { ranges, columns }: ImportFile, purchases: readonly Purchase[], issues: FileIssues
): Promise<void> {
  if (purchases.length === 0) return
  const firsts = new Map<string, FileRange>()
  for (const range of ranges) {
    const key = purchaseKey(range.attributes)
    if (!firsts.has(key)) firsts.set(key, range)
  }
  for (const issue of await findChargeIssues(query, purchases)) {
    const range = firsts.get(purchaseKey({ customer: issue.buyer, class: issue.class }))
    const message = describeChargeIssue(issue)
    const isOfRow = columns.has('customer') || columns.has('class')
    if (isOfRow && range !== undefined) issues.add(lineAt(range, 0), undefined, message)
    else issues.addIssue({ key: 'charge_customer', message })
  }
}

/** Returns a key that ranges have in common if they are of one purchase. */
export function purchaseKey ({ customer, class: numberClass }: Pick<FileRange['attributes'], 'customer' | 'class'>): string {
  return `${customer} ${numberClass}`
}

/** Returns warnings, or adds issues instead if mixed lengths are refused. */
async function checkLengths (
  query: Query, { ranges, columns, prefixes }: ImportFile, isRefused: boolean, issues: FileIssues
): Promise<string[]> {
  const mixed = await findMixedLengths(query, ranges, isRefused ? issues.maximum : MAX_WARNINGS)
  const total = mixed[0]?.total ?? 0
  const found: Array<{ readonly line: number, readonly message: string }> = []
  for (const { range: index, number, existing, length } of mixed) {
    const range = ranges[index]
    const message = length === 'shorter'
      ? `number ${number} begins with number ${existing}, which exists`
      : `number ${existing}, which exists, begins with number ${number}`
    if (range !== undefined) found.push({ line: lineAt(range, distance(range.numbers.first, number)), message })
  }
  if (isRefused) {
    for (const { line, message } of found) issues.add(line, nameOf(columns, 'number'), message)
    issues.addUnlisted(total - mixed.length)
    return []
  }
  const warnings = [...prefixes.map(describePrefix), ...found.map(({ line, message }) => `line ${line}: ${message}`)]
  const more = prefixes.length + total - Math.min(warnings.length, MAX_WARNINGS)
  return [...warnings.slice(0, MAX_WARNINGS), ...more > 0 ? [`and ${more} more`] : []]
}
