import { Value } from '@sinclair/typebox/value'
import type { Database, Query } from '../database/database.js'
import { InvalidParametersError } from '../errors.js'
import { readFile, type ImportFile, type ImportSource } from '../import/read-file.js'
import { ImportRequest } from '../parameters/import.js'
import type { ParsedParameters } from '../parameters/parse.js'
import { quoteCharges, type Purchase } from '../repository/charges.js'
import { insertLoad, type Actor } from '../repository/insert-load.js'
import { insertRanges } from '../repository/insert-ranges.js'
import { lockAliases } from '../repository/lock-aliases.js'
import { RANGES_IN_MEMORY } from '../repository/range-rows.js'
import { WALK_INDEXES } from '../repository/range-sql.js'
import { insertAndCharge } from './charge.js'
import type { CreatedLoad } from './create.js'
import { checkFile, purchaseKey } from './import-checks.js'
import { retryOnConflict } from './retry.js'

/** Maximum count of issues of a file that a refusal lists (contract: "import"). */
const MAX_ISSUES = 100

/** The result of an import. */
export interface ImportedLoad extends CreatedLoad {
  /** Count of the numbers of the file. */
  readonly numbers: number
  /** Count of their ranges: numbers of consecutive rows that follow each other and have equal attributes. */
  readonly ranges: number
  /** Numbers that are prefixes of longer ones, if the call only validated. */
  readonly warnings: readonly string[]
}

/** A file to import, and the parameters of the call. */
export interface Import {
  readonly file: ImportFile
  readonly parameters: ImportRequest
}

/**
 * Reads a file, and lists at most `maxIssues` of its issues.
 * @throws InvalidParametersError if a parameter is invalid, because then the file could mean something else
 */
export async function readImport (
  source: ImportSource, { parameters, issues }: ParsedParameters<typeof ImportRequest>, maxRange: number, maxIssues = MAX_ISSUES
): Promise<Import> {
  if (!issues.isEmpty || !Value.Check(ImportRequest, parameters)) throw new InvalidParametersError(issues.list())
  return { parameters, file: await readFile(source, parameters, { maxRange, maxIssues }) }
}

/**
 * Adds all numbers of a file as one load, or none; with `validation` it only checks, and looks for warnings if they are shown.
 * @throws InvalidParametersError with all issues, each with its line; DatabaseBusyError, DatabaseUnavailableError
 */
export async function importFile (
  database: Database, given: Import, actor: Actor, areWarningsShown: boolean
): Promise<ImportedLoad> {
  const { file, parameters: { charge_customer: isCharged, mixed_lengths: mixedLengths, validation } } = given
  if (validation) return await dryRun(database, given, areWarningsShown)
  // The statement checks everything except these.
  if (!file.issues.isEmpty || isCharged || mixedLengths === 'refuse') await dryRun(database, given)
  const purchases = purchasesOf(given)
  return await retryOnConflict(database.schema, async () => {
    const written = await insertAndCharge(database, async query => {
      await lockAliases(query, database, file.ranges.map(({ aliases }) => aliases))
      return await insert(query, given, actor)
    }, purchases)
    // This reports the reason that prevented the load, unless it no longer exists.
    if (written === undefined) await dryRun(database, given)
    return written && { ...written, ...sizeOf(file), count: file.count, warnings: [] }
  })
}

/** A single range is inserted as `create` does it, which is faster and needs no further rows. */
async function insert (query: Query, { file, parameters }: Import, actor: Actor): Promise<string | undefined> {
  const { ranges, inOrder } = file
  const { charge_customer: isCharged } = parameters
  const [range] = ranges
  if (range === undefined || ranges.length > 1) {
    await query(RANGES_IN_MEMORY)
    return await insertRanges(query, { ranges, inOrder, isCharged }, actor)
  }
  const { numbers, aliases, attributes } = range
  return await insertLoad(query, { numbers, aliases, parameters: { ...attributes, charge_customer: isCharged } }, actor)
}

async function dryRun (database: Database, given: Import, areWarningsShown = false): Promise<ImportedLoad> {
  const { file } = given
  const purchases = purchasesOf(given)
  return await database.snapshot(async query => {
    const { issues, warnings } = await checkFile(query, {
      file, purchases, mixedLengths: given.parameters.mixed_lengths === 'refuse' ? 'refuse' : areWarningsShown ? 'warn' : 'ignore'
    })
    if (!issues.isEmpty) throw new InvalidParametersError(issues.list())
    const charges = purchases.length > 0 ? await quoteCharges(query, purchases) : []
    return { id: null, count: 0, ...sizeOf(file), charges, warnings }
  }, WALK_INDEXES)
}

function sizeOf ({ count, ranges }: ImportFile): Pick<ImportedLoad, 'numbers' | 'ranges'> {
  return { numbers: count, ranges: ranges.length }
}

/** Returns the purchases, if the load is charged: the count of numbers for each customer and class. */
function purchasesOf ({ file, parameters }: Import): Purchase[] {
  if (!parameters.charge_customer) return []
  const purchases = new Map<string, Purchase>()
  for (const { attributes: { customer, class: numberClass }, numbers } of file.ranges) {
    const key = purchaseKey({ customer, class: numberClass })
    const quantity = (purchases.get(key)?.quantity ?? 0) + numbers.count
    purchases.set(key, { customer, class: numberClass, quantity })
  }
  return [...purchases.values()]
}
