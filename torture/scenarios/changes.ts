import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { checkStories } from '../checker/story.js'
import { FAULTS } from '../faults.js'
import type { Sql } from '../harness/postgres.js'
import { Random } from '../harness/random.js'
import { NumberBlock } from '../harness/range.js'
import { Server } from '../harness/server.js'
import { createTables, emptyTables, type Database } from '../harness/tables.js'
import { until } from '../harness/until.js'
import type { Context, ScenarioResult } from '../scenario.js'

const CLIENTS = 8
const CALLS = 5
const LOADS = 3

/** A range above 10,000 numbers is changed by other statements than a short one. */
const LONG = 12_000
const MAX_SHORT = 500

/** Every load and update sets a region of its own, so that no change leaves a number as it was. */
const REGIONS = 100_000

const DEADLOCK = '40P01'

const ALLOWED = new Set([200, 400, 404, 409, 503])

/** The records that are not undone, the latest first. */
const RECORDS = `
  select id::text from (
    select id from telco.loads where undone_at is null union all select id from telco.changes where undone_at is null) as record
  order by record.id desc`

interface Round {
  readonly database: Database
  readonly server: Server
  readonly block: NumberBlock
  /** The count of numbers of a load. */
  readonly size: number
  readonly nextRegion: () => number
  /** Whether a reply may be missing. */
  readonly hasFault: () => boolean
  readonly violations: string[]
  /** Numbers that were written by SQL of the host. */
  readonly touched: Set<string>
}

const OPEN = `
  select from pg_stat_activity where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`

const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connections: null })

/**
 * Runs updates, deletes, creates, undos and SQL of the host on the same numbers, some of them during a crash. Then the records
 * must match the rows, and undoing all of them must leave empty tables.
 */
export async function changes (context: Context): Promise<ScenarioResult> {
  const { postgres, seed, log } = context
  const database = await createTables(postgres, 'changes')
  await database.session(sql => sql(`insert into telco.regions (id, name) select id, 'Region' from generate_series(10, $1) as id`, [REGIONS]))
  const server = await Server.start('changes', database.url, `${postgres.directory}/changes.log`)
  const violations: string[] = []
  let [rounds, faults, requests, region] = [0, 0, 0, 10]
  try {
    for (; context.hasTimeFor(rounds); rounds++) {
      const random = new Random(seed, 'changes', rounds)
      await emptyTables(database)
      let isFaulty = false
      const round: Round = {
        database, server, block: new NumberBlock(random, rounds),
        size: Math.min(context.maxCount, random.chance(0.3) ? LONG : random.size(MAX_SHORT)),
        nextRegion: () => region++ % (REGIONS - 10) + 10, hasFault: () => isFaulty, violations: [], touched: new Set()
      }
      const withHost = rounds % 3 === 1
      const withFault = rounds % 3 === 2
      await Promise.all(Array.from({ length: LOADS }, (_, load) => create(round, random, load * round.size, round.size)))
      const clients = Array.from({ length: CLIENTS }, async (_, client) => {
        const own = new Random(seed, 'changes', rounds, client)
        for (let call = 0; call < CALLS; call++) {
          requests++
          if (withHost && client === 0) await writeAsHost(round, own)
          else await callAny(round, own)
        }
      })
      if (withFault) {
        faults++
        isFaulty = true
        const fault = FAULTS[Math.floor(rounds / 3) % 4] ?? FAULTS[0]
        await sleep(random.integer(0, 1_500))
        await database.session(async sql => {
          const target = { ...context, server, sql }
          await fault.inject(target)
          await fault.repair(target)
        }).catch(() => {})
      }
      await Promise.all(clients)
      const found = [...round.violations, ...server.takeUnexpectedExits(), ...await checkRound(round, withHost)]
      if (found.length > 0) log(`changes ${rounds}: ${found.length} violations`)
      violations.push(...found.map(violation => `changes ${rounds}: ${violation}`))
    }
  } finally {
    await server.stop()
    await database.drop()
  }
  return { rounds, faults, requests, violations }
}

async function checkRound (round: Round, withHost: boolean): Promise<string[]> {
  const { database, touched } = round
  await until('the transactions have ended', async () => await database.session(async sql => (
    (await sql(OPEN)).length === 0)).catch(() => false))
  const found = await database.session(async sql => [...await checkCounts(sql), ...await checkStories(sql, touched)])
  return found.length > 0 || withHost ? found : await undoAll(round)
}

async function checkCounts (sql: Sql): Promise<string[]> {
  const rows = await sql<{ violation: string }>(`
    select format('%s %s has the count %s, its runs %s, its range %s', kind, id, count, recorded, "end"::numeric - start::numeric + 1) as violation
    from telco.changes cross join lateral (
      select coalesce(sum(count), 0) as recorded from telco.changed_runs where change = changes.id) as run
    where count <> recorded or count <> "end"::numeric - start::numeric + 1
    union all
    select format('number %s belongs to no load', number) from telco.numbers
    where load not in (select id from telco.loads where undone_at is null)
    union all
    select format('customer %s has %s', id, balance) from telco.customers
    where balance <> 1000 * id + 0.01 + (select coalesce(sum(amount), 0) from telco.transactions where customer = customers.id)`)
  return rows.map(({ violation }) => violation)
}

/**
 * Undoes everything, the latest first, and returns a violation if an undo is refused or rows remain. A record that was undone out
 * of order may have restored a number that a later one deleted: the later one is undone in the next pass. Each pass undoes at
 * least one record.
 */
async function undoAll ({ database, server }: Round): Promise<string[]> {
  return await database.session(async sql => {
    for (let records = await sql<{ id: string }>(RECORDS); records.length > 0; records = await sql<{ id: string }>(RECORDS)) {
      const refusals: string[] = []
      for (const { id } of records) {
        const { statusCode, body } = await request(`${server.origin}/undo/${id}`, { method: 'POST', dispatcher: agent })
        const text = await body.text()
        if (statusCode !== 200) refusals.push(`undo of ${id} got ${statusCode}: ${text.slice(0, 300)}`)
      }
      if (refusals.length === records.length) return refusals
    }
    const left = await sql<{ violation: string }>(`
      select format('number %s is left', number) as violation from telco.numbers
      union all
      select format('customer %s has %s after everything was undone', id, balance) from telco.customers where balance <> 1000 * id + 0.01
      limit 3`)
    return [...left.map(({ violation }) => violation), ...await checkStories(sql)]
  })
}

async function callAny (round: Round, random: Random): Promise<void> {
  const { size } = round
  const offset = random.integer(0, size * LOADS - 1)
  const longest = Math.min(size, size * LOADS - offset)
  const count = random.chance(0.2) ? longest : random.integer(1, longest)
  const kind = random.pick<'update' | 'delete' | 'create' | 'undo'>(['update', 'update', 'delete', 'create', 'undo'])
  if (kind === 'create') await create(round, random, offset, count)
  else if (kind === 'undo') await undoAny(round, random)
  else await change(round, random, kind, offset, count)
}

async function change (round: Round, random: Random, kind: 'update' | 'delete', offset: number, count: number): Promise<void> {
  const { block, nextRegion } = round
  const range = { number: block.at(offset), end: block.at(offset + count - 1) }
  if (kind === 'delete') {
    await post(round, '/api/json/numbers/system/delete', { ...range, refund: random.chance(0.3) ? '1' : '0' })
    return
  }
  const alias = random.pick([undefined, undefined, undefined, '', block.aliasAt(offset + random.integer(0, 3))])
  await post(round, '/api/json/numbers/system/update', {
    ...range, region: String(nextRegion()),
    ...random.chance(0.5) && { class: String(random.integer(1, 2)) },
    ...random.chance(0.3) && { customer: random.pick(['0', '2']) },
    ...alias !== undefined && { alias }
  })
}

async function create (round: Round, random: Random, offset: number, count: number): Promise<void> {
  const { block, nextRegion } = round
  const isCharged = random.chance(0.3)
  await post(round, '/api/json/numbers/system/create', {
    start: block.at(offset), end: block.at(offset + count - 1), class: '1', ingroup: '1', region: String(nextRegion()),
    ...random.chance(0.4) && { alias: block.aliasAt(offset) }, ...isCharged && { customer: '3', charge_customer: '1' }
  })
}

/** Undoes one of the latest loads and changes, together with a later one if that is named. */
async function undoAny (round: Round, random: Random): Promise<void> {
  const records = await round.database.session(sql => sql<{ id: string }>(`${RECORDS} limit 6`)).catch(() => [])
  const [first, ...others] = records.slice(random.integer(0, 5))
  if (first === undefined) return
  const later = records.filter(({ id }) => BigInt(id) > BigInt(first.id) && random.chance(0.5))
  await post(round, `/undo/${[first, ...later, ...others.slice(0, random.integer(0, 1))].map(({ id }) => id).join()}`, {})
}

async function writeAsHost ({ database, block, size, touched }: Round, random: Random): Promise<void> {
  const offset = random.integer(0, size * LOADS - 1)
  const [first, last] = [block.at(offset), block.at(offset + random.integer(0, 20))]
  const write = random.chance(0.5) ? 'delete from telco.numbers' : `update telco.numbers set stype = 'callerid'`
  const rows = await database.session(sql => sql<{ number: string }>(
    `${write} where number between $1 and $2 and length(number) = length($1) returning number`, [first, last]
  )).catch((error: unknown) => {
    // The host locks rows in its own order, and may be the victim of a deadlock.
    if (error instanceof Error && 'code' in error && error.code === DEADLOCK) return []
    throw error
  })
  for (const { number } of rows) touched.add(number)
}

async function post (round: Round, path: string, form: Readonly<Record<string, string>>): Promise<void> {
  const { server, hasFault, violations } = round
  try {
    const { statusCode, body } = await request(`${server.origin}${path}`, {
      method: 'POST', dispatcher: agent,
      ...!path.startsWith('/undo/') && {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ auth_username: 'user', auth_password: 'password', ...form }).toString()
      }
    })
    const text = await body.text()
    if (!ALLOWED.has(statusCode) && !hasFault()) violations.push(`${path} ${JSON.stringify(form)} got ${statusCode}: ${text.slice(0, 300)}`)
  } catch (error) {
    if (!hasFault()) violations.push(`${path} ${JSON.stringify(form)} failed: ${String(error)}`)
  }
}
