import type { Database } from '../database/database.js'
import type { Charge, WrittenLoad } from './charges.js'
import type { LoadRow } from './columns.js'
import { loadRow, type Actor, type Load } from './insert-load.js'

/** A load of one number. */
export interface SingleLoad {
  readonly load: Load
  readonly actor: Actor
  /** The fingerprint of the person as last looked up; without it, the statement does not check the person. */
  readonly fingerprint?: string | undefined
}

/** The loads that were inserted; all others were not. */
export type WrittenLoads = ReadonlyMap<SingleLoad, WrittenLoad>

const INSERT = 'select id, number from :"schema".insert_single_loads(:given, :lock_timeout_ms)'

const INSERT_CHARGED = `
  select id, number, customer, customer_name as "customerName", quantity, unit_price as "unitPrice", amount
  from :"schema".insert_charged_loads(:given, :lock_timeout_ms)`

interface Inserted {
  readonly id: string
  readonly number: string
}

/**
 * Inserts loads of different numbers, each of one number, in one transaction. A load is not inserted if a check fails, or its
 * person now has another fingerprint. `lockTimeout`, in milliseconds, limits the wait for one lock.
 */
export async function insertSingleLoads (
  database: Database, loads: readonly SingleLoad[], lockTimeout: number
): Promise<WrittenLoads> {
  const { rows } = await database.autocommit<Inserted>(INSERT, valuesOf(loads, lockTimeout))
  return writtenOf(loads, rows.map(({ id, number }) => ({ id, number, charges: [] })))
}

/** As {@link insertSingleLoads}, and charges for each load. Nothing is written if a price changes in the meantime. */
export async function insertChargedLoads (
  database: Database, loads: readonly SingleLoad[], lockTimeout: number
): Promise<WrittenLoads> {
  const { rows } = await database.autocommit<Inserted & Charge>(INSERT_CHARGED, valuesOf(loads, lockTimeout))
  const inserted = new Map<string, Inserted & { charges: Charge[] }>()
  for (const { id, number, ...charge } of rows) {
    const charges = inserted.get(id)?.charges ?? []
    charges.push(charge)
    inserted.set(id, { id, number, charges })
  }
  return writtenOf(loads, [...inserted.values()])
}

/** Groups loads with the same person and attributes, which the function checks once for all of a group. */
function valuesOf (loads: readonly SingleLoad[], lockTimeout: number): { given: string, lock_timeout_ms: number } {
  const groups = new Map<string, LoadRow['common'] & { readonly loads: Array<LoadRow['own']> }>()
  for (const { load, actor, fingerprint } of loads) {
    const { common, own } = loadRow(load, actor)
    const checked = { ...common, fingerprint }
    const key = JSON.stringify(checked)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { ...checked, loads: [own] })
    else group.loads.push(own)
  }
  return { given: JSON.stringify([...groups.values()]), lock_timeout_ms: lockTimeout }
}

function writtenOf (loads: readonly SingleLoad[], inserted: ReadonlyArray<Inserted & WrittenLoad>): WrittenLoads {
  const byNumber = new Map(inserted.map(({ number, id, charges }) => [number, { id, charges }]))
  return new Map(loads.flatMap(single => {
    const written = byNumber.get(single.load.numbers.first)
    return written === undefined ? [] : [[single, written] as const]
  }))
}
