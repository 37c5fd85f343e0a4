import type { Sql } from '../harness/postgres.js'
import type { StoredNumber } from '../harness/stored-number.js'

type Attributes = Omit<StoredNumber, 'number'>

interface Run extends Attributes {
  readonly first: string
  readonly count: number
}

/** An event of a range: its numbers were added, changed or deleted, or such an event was undone. */
interface Event {
  readonly id: string
  readonly kind: 'load' | 'update' | 'delete'
  readonly isUndo: boolean
  readonly start: string
  readonly count: number
  /** The values that an update set. */
  readonly values: Partial<Attributes>
  /** The numbers that a load added, or the former state of the numbers of a change. */
  readonly runs: readonly Run[]
}

type Numbers = Map<string, Attributes>

const MAX_CASES = 3

const EVENTS = `
  with record as (
    select id, 'load' as kind, created_at, undone_at, start, count, '{}'::jsonb as values, jsonb_build_array(jsonb_build_object(
      'first', start, 'count', count, 'alias', alias, 'class', class, 'ingroup', ingroup, 'customer', customer, 'region', region,
      'stype', stype, 'load', id::text)) as runs
    from telco.loads
    union all
    select id, kind, created_at, undone_at, start, count, new_values, (
      select jsonb_agg(to_jsonb(run) || jsonb_build_object('load', load::text)) from telco.changed_runs as run where change = id)
    from telco.changes
  )
  select id::text, kind, false as "isUndo", start, count, values, runs, created_at as time from record
  union all
  select id::text, kind, true, start, count, values, runs, undone_at from record where undone_at is not null
  order by time, id`

const NUMBERS = 'select number, alias, class, ingroup, customer, region, stype, load::text from telco.numbers'

/**
 * Replays the story of every number, from the records of loads and changes alone, and returns a violation for each number whose
 * row differs from the end of its story. Numbers of `touched` were written by others.
 */
export async function checkStories (sql: Sql, touched: ReadonlySet<string> = new Set()): Promise<string[]> {
  const violations: string[] = []
  const told: Numbers = new Map()
  for (const event of await sql<Event>(EVENTS)) {
    for (const [number, was] of membersOf(event)) {
      if (touched.has(number)) continue
      const now = told.get(number)
      const violation = tell(told, event, number, was, now)
      if (violation !== undefined) violations.push(`${event.isUndo ? 'undo of ' : ''}${event.kind} ${event.id}: ${number} ${violation}`)
    }
  }
  const rows = await sql<StoredNumber>(NUMBERS)
  const stored: Numbers = new Map(rows.map(({ number, ...row }) => [number, row]))
  for (const number of new Set([...told.keys(), ...stored.keys()])) {
    const [expected, found] = [textOf(told.get(number)), textOf(stored.get(number))]
    if (!touched.has(number) && expected !== found) violations.push(`number ${number} is ${found}, and its story says ${expected}`)
  }
  return violations.slice(0, MAX_CASES)
}

/** Applies an event to a number, and returns a violation if the number differed from the record. */
function tell (
  told: Numbers, { kind, isUndo, values, start }: Event, number: string, was: Attributes, now: Attributes | undefined
): string | undefined {
  const alias = values.alias != null && { alias: after(values.alias, distance(start, number)) }
  const changed: Attributes = { ...was, ...values, ...alias }
  const [before, then] = kind === 'load' ? [undefined, was] : [was, kind === 'delete' ? undefined : changed]
  const [expected, next] = isUndo ? [then, before] : [before, then]
  if (next === undefined) told.delete(number)
  else told.set(number, next)
  return textOf(now) === textOf(expected) ? undefined : `was ${textOf(now)}, and the record says ${textOf(expected)}`
}

function membersOf ({ runs }: Event): Array<readonly [string, Attributes]> {
  return runs.flatMap(({ first, count, ...row }) => Array.from({ length: count }, (_, place) => (
    [after(first, place), { ...row, alias: row.alias === null ? null : after(row.alias, place) }] as const)))
}

/** Returns the digits, with their sign, that are `offset` after others of the same width. */
function after (first: string, offset: number): string {
  const sign = first.startsWith('+') ? '+' : ''
  const digits = first.slice(sign.length)
  return sign + String(BigInt(digits) + BigInt(offset)).padStart(digits.length, '0')
}

function distance (first: string, number: string): number {
  return Number(BigInt(number) - BigInt(first))
}

function textOf (row: Attributes | undefined): string {
  if (row === undefined) return 'missing'
  const { alias, class: numberClass, ingroup, customer, region, stype, load } = row
  return JSON.stringify([alias, numberClass, ingroup, customer, region, stype, load])
}
