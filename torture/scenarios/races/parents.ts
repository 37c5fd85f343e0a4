import pg from 'pg'
import type { Sql } from '../../harness/postgres.js'
import { loadOf } from '../../harness/range.js'
import { CLIENTS, type Workload } from './race.js'

/** The parents of numbers, and how to insert one that nothing else refers to. */
const PARENTS = {
  class: { table: 'classes', insert: `insert into telco.classes (name) values ('Short-lived') returning id` },
  ingroup: { table: 'ingroups', insert: `insert into telco.ingroups (name) values ('Short-lived') returning id` },
  customer: { table: 'customers', insert: `insert into telco.customers (name, parent, plan) values ('Short-lived', 2, 2) returning id` },
  region: { table: 'regions', insert: `insert into telco.regions (name) values ('Short-lived') returning id` }
} as const

type Parent = keyof typeof PARENTS

const NAMES: readonly Parent[] = ['class', 'ingroup', 'customer', 'region']

/** Allowed refusals of a deletion: referenced row, unsupported isolation, serialization failure, deadlock, lock timeout. */
const ALLOWED_SQLSTATES = ['23503', '0A000', '40001', '40P01', '55P03']

/** Deletes parents while loads that refer to them are running. */
function parentsDeleted (isolation: 'read committed' | 'repeatable read'): Workload {
  return async race => {
    const { context: { caller, postgres }, random, block, serverOf, atOnce } = race
    const violations: string[] = []
    const count = random.size(Math.min(20_000, race.context.maxCount))
    const ids = await postgres.session(makeParents)
    const deletions = NAMES.map(name => async () => {
      const refusal = await postgres.session(sql => deleteParent(sql, isolation, name, ids[name]))
      if (refusal !== undefined && !ALLOWED_SQLSTATES.includes(refusal)) violations.push(`deletion of a ${name}: refused with ${refusal}`)
    })
    // Most loads refer to one of the parents, and some to all of them.
    const loads = Array.from({ length: CLIENTS - NAMES.length }, (_, client) => {
      const name = NAMES[client % (NAMES.length + 1)]
      const load = loadOf(block, client * count, count, name === undefined ? ids : { [name]: ids[name] })
      return () => caller.create(serverOf(client), load)
    })
    await atOnce([...deletions, ...loads])
    return violations
  }
}

async function makeParents (sql: Sql): Promise<Record<Parent, number>> {
  const make = async (name: Parent): Promise<number> => {
    const [row] = await sql<{ id: number }>(PARENTS[name].insert)
    if (row === undefined) throw new Error(`cannot insert a ${name}`)
    return row.id
  }
  return { class: await make('class'), ingroup: await make('ingroup'), customer: await make('customer'), region: await make('region') }
}

/** Returns the SQLSTATE of the refusal, or `undefined` if the parent was deleted. */
async function deleteParent (sql: Sql, isolation: string, name: Parent, id: number): Promise<string | undefined> {
  try {
    await sql(`begin isolation level ${isolation}; set local lock_timeout = '20s'; select from telco.numbers limit 1`)
    await sql(`delete from telco.${PARENTS[name].table} where id = $1`, [id])
    await sql('commit')
    return undefined
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.code ?? 'no SQLSTATE'
    throw error
  }
}

export const parentsInReadCommitted = parentsDeleted('read committed')

export const parentsInRepeatableRead = parentsDeleted('repeatable read')
