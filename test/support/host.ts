import { randomBytes } from 'node:crypto'
import { hash } from '@node-rs/argon2'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type pg from 'pg'
import root, { type Test } from 'tap'
import telcoNumbers, { type TelcoNumbersOptions } from '../../lib/index.js'
import { migrate } from '../../lib/migrate.js'
import { DEMO_PASSWORD, seedDemoData } from '../../lib/server/demo-data.js'
import { until } from './until.js'
import { keepOrEnd, poolFor } from './warm-pools.js'
import { describeSchema, dropKept, dropSchema, keepOrDrop, takeSchema, type WarmSchema } from './warm-schemas.js'

export const DATABASE_URL = process.env.DATABASE_URL ?? 'DATABASE_URL is set by npm test'

export const PATH = '/api/json/numbers/system/create'

/** The credentials of the demo person who may call the endpoint. */
export const USER = { auth_username: 'user', auth_password: 'password' }

export interface TestSchema {
  readonly pool: pg.Pool
  readonly schema: string
  /** Runs SQL with the schema as its search path. */
  readonly sql: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>
}

/** A schema name for the test. The schema is dropped if the test passes, and kept for inspection if it fails. */
export async function emptySchema (t: Test): Promise<TestSchema> {
  return await openSchema(t, newName(), dropSchema)
}

function newName (): string {
  return `test_${randomBytes(6).toString('hex')}`
}

async function openSchema (
  t: Test, schema: string, afterSuccess: (pool: pg.Pool, schema: string) => Promise<void>
): Promise<TestSchema> {
  const pool = await poolFor(DATABASE_URL, schema)
  t.teardown(async () => {
    if (t.passing()) await afterSuccess(pool, schema)
    else t.comment(`kept schema ${schema}`)
    await keepOrEnd(pool)
  })
  const sql: TestSchema['sql'] = async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => (
    (await pool.query<Row>(text, values)).rows)
  return { pool, schema, sql }
}

// The lowest costs of argon2: a test needs no strong hash, and each host verifies it once.
const cheapHash = hash(DEMO_PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 })

/** A schema with the tables and the demo data: a new one, or that of an earlier test, which has left nothing in it. */
export async function demoSchema (t: Test): Promise<TestSchema> {
  const schema = takeSchema() ?? await makeSchema(newName())
  return await openSchema(t, schema.name, pool => keepOrDrop(pool, schema))
}

async function makeSchema (name: string): Promise<WarmSchema> {
  const pool = await poolFor(DATABASE_URL, name)
  await migrate(pool, name)
  await seedDemoData(pool, name, cheapHash)
  const schema = await describeSchema(pool, name)
  await keepOrEnd(pool)
  return schema
}

root.teardown(async () => {
  const pool = await poolFor(DATABASE_URL, 'public')
  await dropKept(pool)
  await pool.end()
})

export interface TestHost extends TestSchema {
  readonly app: FastifyInstance
}

/** Time limits that a busy machine does not reach; a test that is about a limit sets its own. */
const PATIENT = { lockTimeout: 60_000, queueTimeout: 60_000 }

/** A host with the plugin over a schema with demo data. */
export async function demoHost (
  t: Test, options: TelcoNumbersOptions = {}, server: FastifyServerOptions = {}
): Promise<TestHost> {
  const database = await demoSchema(t)
  const app = fastify({ pluginTimeout: 60_000, ...server })
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { pool: database.pool, schema: database.schema, ...PATIENT, ...options })
  return { ...database, app }
}

/** Waits until the plugin of a host that closes refuses calls. */
export async function untilClosing ({ telcoNumbers }: FastifyInstance): Promise<void> {
  await until(() => telcoNumbers.create({ start: '', class: 0, ingroup: 0 }).then(
    () => false, (error: unknown) => error instanceof Error && 'code' in error && error.code === 'TELCO_NUMBERS_CLOSED'))
}

/** DATABASE_URL for connections that can be found by their application name. */
export function urlNamed (applicationName: string): string {
  const url = new URL(DATABASE_URL)
  url.searchParams.set('application_name', applicationName)
  return url.href
}

/** A host with the plugin over a pool of its own, whose connections have the schema's name as their application name. */
export async function ownPoolHost (t: Test): Promise<TestHost> {
  const database = await demoSchema(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(telcoNumbers, { connectionString: urlNamed(database.schema), schema: database.schema })
  return { ...database, app }
}

/** Returns the path of the endpoint with parameters and the credentials of the demo person in its query. */
export function callOf (parameters: Record<string, string | number>): string {
  const query = new URLSearchParams(USER)
  for (const [name, value] of Object.entries(parameters)) query.set(name, String(value))
  return `${PATH}?${query.toString()}`
}

export interface Answer {
  readonly responses: ReadonlyArray<{ readonly code: string, readonly key: string, readonly message: string }>
  readonly data?: { readonly count: number }
}

/** Calls the endpoint with GET and returns the envelope. */
export async function call (app: FastifyInstance, parameters: Record<string, string | number>): Promise<Answer> {
  return (await app.inject(callOf(parameters))).json<Answer>()
}

/** Returns the keys of an envelope, in their order. */
export function keysOf ({ responses }: Answer): string[] {
  return responses.map(response => response.key)
}
