import type { QueryResultRow } from 'pg'
import type { Database, Query } from './database/database.js'
import { SQLSTATE, sqlStateOf } from './database/sqlstate.js'
import type { Values } from './database/statement.js'
import { DatabaseUnfitError, messageOf, type Finding } from './errors.js'
import { assertVersion } from './migrate.js'
import { findDifferences, insertChange, restoreDeleted, updateRecorded } from './repository/changed-runs.js'
import type { ChangeInput } from './repository/changes.js'
import { chargePayers, findChargeIssues, lockPayers } from './repository/charges.js'
import { findConflicts } from './repository/conflicts.js'
import { findBrokenReferences, findFaults, findSequencesBehind, hasPeople } from './repository/findings.js'
import { insertLongLoad, insertShortLoad, type Actor, type Load } from './repository/insert-load.js'
import { insertRanges, type RangesInput } from './repository/insert-ranges.js'
import { storeKnownSource } from './repository/known-sources.js'
import { listRanges, listTransactions, lockLoad, type LoadRecord } from './repository/loads.js'
import { findEvents } from './repository/number-events.js'
import { findBadRangeReferences, findConflictRuns, findMixedLengths } from './repository/range-checks.js'
import { findAlternatives, findBadReferences, findNames } from './repository/references.js'
import { markUndone, throwIfOvertaken } from './repository/records.js'
import { refundDeleted, reverseTransactions } from './repository/reversals.js'
import { deleteNumbers, findChanges } from './repository/undo.js'

/** The tables that a registration uses besides those of numbers, loads and their references. */
export interface Needs {
  /** The tables of people. */
  readonly people: boolean
  /** The tables of wrong passwords and of known sources. */
  readonly counts: boolean
}

const NUMBERS = { first: '0', last: '0', count: 1 }
const ATTRIBUTES = { alias: '0', class: 1, ingroup: 1, customer: 1, region: 1, stype: 'number' } as const
const ACTOR: Actor = { person: null, source: null, requestId: null }
const LOAD: Load = {
  parameters: { start: '0', end: '0', ...ATTRIBUTES, charge_customer: true, validation: false }, numbers: NUMBERS, aliases: NUMBERS
}
const RECORD: LoadRecord = {
  kind: 'load', id: '0', createdAt: new Date(0), ...ACTOR, start: '0', end: '0', count: 1, rangeCount: 1, ...ATTRIBUTES,
  chargeCustomer: true, charged: '0', undoneAt: null, undoneBy: null
}
const IMPORTED: LoadRecord = { ...RECORD, rangeCount: 2 }
const CHANGE: ChangeInput = { kind: 'update', numbers: NUMBERS, aliases: NUMBERS, newValues: ATTRIBUTES }
const PURCHASES = [{ customer: 1, class: 1, quantity: 1 }]
const RANGE = { numbers: NUMBERS, aliases: NUMBERS, attributes: ATTRIBUTES }
const RANGES: RangesInput = { ranges: [RANGE], inOrder: { numbers: [RANGE], aliases: [RANGE] }, isCharged: true }

/** The statements of loads, changes and undoing: PostgreSQL checks their names, types and rights when it explains them. */
const STATEMENTS: ReadonlyArray<(explain: Query) => Promise<unknown>> = [
  explain => findNames(explain, ATTRIBUTES),
  explain => findAlternatives(explain, 'class', 0),
  explain => findBadReferences(explain, ATTRIBUTES),
  explain => findConflicts(explain, 'alias', NUMBERS),
  explain => findChargeIssues(explain, PURCHASES),
  explain => insertShortLoad(explain, LOAD, ACTOR),
  explain => insertLongLoad(explain, LOAD, ACTOR),
  explain => explain('select from :"schema".insert_single_loads(:given::jsonb, 0)', { given: '[]' }),
  explain => explain('select from :"schema".insert_charged_loads(:given::jsonb, 0)', { given: '[]' }),
  explain => lockPayers(explain, PURCHASES),
  explain => chargePayers(explain, PURCHASES, '0'),
  explain => insertRanges(explain, RANGES, ACTOR),
  explain => findBadRangeReferences(explain, RANGES.ranges),
  explain => findConflictRuns(explain, 'alias', RANGES.ranges, 1),
  explain => findMixedLengths(explain, RANGES.ranges, 1),
  explain => lockLoad(explain, '0'),
  explain => listRanges(explain, '0'),
  explain => deleteNumbers(explain, IMPORTED),
  explain => findChanges(explain, IMPORTED),
  explain => listTransactions(explain, 'load', '0'),
  explain => deleteNumbers(explain, RECORD),
  explain => findChanges(explain, RECORD),
  explain => reverseTransactions(explain, 'load', '0'),
  explain => markUndone(explain, 'loads', '0', null),
  explain => insertChange(explain, CHANGE, ACTOR),
  explain => throwIfOvertaken(explain, '0'),
  explain => updateRecorded(explain, '0', CHANGE, { count: 1, runs: 1, haveAliases: true }),
  explain => refundDeleted(explain, '0'),
  explain => findDifferences(explain, '0', CHANGE),
  explain => restoreDeleted(explain, '0'),
  explain => reverseTransactions(explain, 'change', '0'),
  explain => markUndone(explain, 'changes', '0', null),
  explain => findEvents(explain, '0', '0')
]

const COUNT_FAILURE = `
  insert into :"schema".login_failures values (:key, 1, 0)
  on conflict (key) do update set points = login_failures.points + 1
  returning points, expire`

/** @throws DatabaseUnfitError with all faults that would make calls fail or lose references */
export async function throwIfUnfit (database: Database, needs: Needs): Promise<void> {
  const findings = await database.snapshot(query => findAll(query, database.schema, needs))
  if (findings.length > 0) throw new DatabaseUnfitError(findings)
}

/**
 * Returns all faults that would make calls fail or lose references, and with `references` each invalid reference, alias and
 * count. Changes nothing. A host with `authenticate` may have no tables of people.
 * @throws DatabaseUnfitError, SchemaVersionError if the tables cannot be read
 */
export async function findFindings (database: Database, references: boolean): Promise<Finding[]> {
  const { pool, schema, limits } = database
  await assertVersion(pool, schema, limits)
  return await database.snapshot(async query => {
    const people = await hasPeople(query, schema)
    return [
      ...await findAll(query, schema, { people, counts: false }), ...references ? await findBrokenReferences(query) : []
    ]
  })
}

async function findAll (query: Query, schema: string, { people, counts }: Needs): Promise<Finding[]> {
  const explain: Query = <Row extends QueryResultRow>(sql: string, values: Values = {}) => query<Row>(`explain ${sql}`, values)
  const checks = [
    ...STATEMENTS.map(statement => () => statement(explain)),
    ...people ? [() => query('select from :"schema".find_people(:usernames)', { usernames: [] })] : [],
    ...counts ? [
      () => explain(COUNT_FAILURE, { key: '' }), () => explain('delete from :"schema".login_failures'),
      () => storeKnownSource(explain, { username: '', source: '' }, 0, 1)
    ] : []
  ].map(check => async (): Promise<Finding[]> => {
    await check()
    return []
  })
  const found: Finding[] = []
  await query('savepoint before_check')
  for (const check of [...checks, () => findSequencesBehind(query, schema), () => findFaults(query, schema)]) {
    try {
      found.push(...await check())
    } catch (error) {
      // Fails after an error of the connection, which is not a finding.
      await query('rollback to before_check')
      found.push(findingOf(error))
    }
  }
  return [...new Map(found.map(finding => [finding.message, finding])).values()]
}

function findingOf (error: unknown): Finding {
  return {
    message: messageOf(error),
    remedy: sqlStateOf(error) === SQLSTATE.insufficientPrivilege
      ? 'fastify-telco-numbers grants, as the owner'
      : 'compare the tables with docs/operations.md, and views with docs/own-tables.md'
  }
}
