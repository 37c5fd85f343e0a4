import pg from 'pg'
import type { Sql } from '../../harness/postgres.js'
import { loadOf } from '../../harness/range.js'
import { CLIENTS, type Shape } from './race.js'

/** The parents of numbers, and how one is made that nothing else refers to. */
const PARENTS = {
  class: { table: 'classes', insert: `insert into telco.classes (name) values ('Short-lived') returning id` },
  ingroup: { table: 'ingroups', insert: `insert into telco.ingroups (name) values ('Short-lived') returning id` },
  customer: { table: 'customers', insert: `insert into telco.customers (name, parent, plan) values ('Short-lived', 2, 2) returning id` },
  region: { table: 'regions', insert: `insert into telco.regions (name) values ('Short-lived') returning id` }
} as const

type Parent = keyof typeof PARENTS

const NAMES: readonly Parent[] = ['class', 'ingroup', 'customer', 'region']

/** How a deletion may be refused: it is referred to; not in this isolation; another was faster; a deadlock; a lock. */
const RIGHT_REFUSALS = ['23503', '0A000', '40001', '40P01', '55P03']

/** Parents are deleted while loads that refer to them are running. */
function parentsDeleted (isolation: 'read committed' | 'repeatable read'): Shape {
  return async race => {
    const { context: { caller, postgres }, random, area, serverOf, atOnce } = race
    const violations: string[] = []
    const count = random.size(Math.min(20_000, race.context.largest))
    const ids = await postgres.session(makeParents)
    const deletions = NAMES.map(name => async () => {
      const refusal = await postgres.session(sql => deleteParent(sql, isolation, name, ids[name]))
      if (refusal !== undefined && !RIGHT_REFUSALS.includes(refusal)) violations.push(`deletion of a ${name}: refused with ${refusal}`)
    })
    // Each refers to one of the parents, and some to all.
    const loads = Array.from({ length: CLIENTS - NAMES.length }, (_, client) => {
      const name = NAMES[client % (NAMES.length + 1)]
      const load = loadOf(area, client * count, count, name === undefined ? ids : { [name]: ids[name] })
      return () => caller.create(serverOf(client), load)
    })
    await atOnce([...deletions, ...loads])
    return violations
  }
}

async function makeParents (sql: Sql): Promise<Record<Parent, number>> {
  const make = async (name: Parent): Promise<number> => {
    const [row] = await sql<{ id: number }>(PARENTS[name].insert)
    if (row === undefined) throw new Error(`no ${name} was made`)
    return row.id
  }
  return { class: await make('class'), ingroup: await make('ingroup'), customer: await make('customer'), region: await make('region') }
}

/** The SQLSTATE with which it was refused, if it was. */
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
