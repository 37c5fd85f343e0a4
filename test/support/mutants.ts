// Run by mutants.test.ts as a separate process: servers that break the contract on purpose, each in its own way.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type pg from 'pg'
import { PEOPLE } from '../../torture/fuzz/model/demo-data.js'
import { runHost } from '../../torture/fuzz/server/host.js'
import { MUTANTS, type MutantName } from './findings.js'

interface Sent {
  readonly pool: pg.Pool
  readonly schema: string
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** The body that the plugin sends. */
  readonly payload: string
}

interface Envelope {
  readonly responses?: ReadonlyArray<{ readonly code: string }>
}

const LEAKED_BYTES = 4 * 2 ** 20

let unreleased: Promise<pg.PoolClient> | undefined
const leaked: Buffer[] = []

/** The body that each mutant sends instead, after its side effects. */
const MUTATIONS: Record<MutantName, (sent: Sent) => Promise<string> | string> = {
  'other code': ({ payload }) => payload.replace('"code":"400"', '"code":"401"'),
  'keys in another order': ({ payload }) => mapIssues(payload, issues => issues.toReversed()),
  'a key is missing': ({ payload }) => mapIssues(payload, issues => issues.slice(0, -1)),
  'other count': ({ payload }) => payload.replace(/"count":([1-9])/, '"count":1$1'),
  'other status': ({ reply, payload }) => {
    if (reply.statusCode === 200) reply.code(202)
    return payload
  },
  'server error': ({ reply, payload }) => {
    if (payload.includes('"201"')) reply.code(500)
    return payload
  },
  'not an envelope': ({ payload }) => payload.replace('{"responses"', '{"total":0,"responses"'),
  'may be stored by caches': ({ reply, payload }) => {
    reply.removeHeader('cache-control')
    return payload
  },
  'no reply': ({ request, payload }) => {
    if (payload.includes('"201"')) request.raw.socket.destroy()
    return payload
  },
  'a credential in the reply': ({ payload }) => payload.replace('"message":"', `"message":"${PEOPLE[0]?.password ?? ''} `),
  'returns another region': ({ payload }) => payload.replace(/"region":([12]),/, '"region":2$1,'),
  'leaves a row out of a list': ({ payload }) => payload.replace(/\{"number":"[0-9]+"[^}]*\},/, ''),
  'does not name the record': ({ reply, payload }) => {
    reply.removeHeader('telco-record')
    return payload
  },
  'forgets a change': sent => afterCode('204', sent, ({ schema }) => `delete from ${schema}.changes where id = (select max(id) from ${schema}.changes)`),
  'records another stype': sent => afterCode('204', sent, ({ schema }) => (
    `update ${schema}.changed_runs set stype = 'other' where change = (select max(change) from ${schema}.changed_runs)`)),
  'deletes one number too many': sent => afterCode('204', sent, ({ schema }) => (
    `delete from ${schema}.numbers where number = (select max(number) from ${schema}.numbers)`)),
  'restores another class': async ({ pool, schema, payload }) => {
    if (payload.includes('"dryRun":false')) await pool.query(`update ${schema}.numbers set class = 3 - class where class < 3`)
    return payload
  },
  // Only the last load: a second change of the same numbers would restore the class.
  'stores another class': sent => afterCreate(sent, ({ schema }) => (
    `update ${schema}.numbers set class = 3 - class where class < 3 and load = (select max(id) from ${schema}.loads)`)),
  'stores another person': sent => afterCreate(sent, ({ schema }) => `update ${schema}.loads set person = 'another person'`),
  'loses a number': sent => afterCreate(sent, ({ schema }) => (
    `delete from ${schema}.numbers where number = (select max(number) from ${schema}.numbers)`)),
  'charges too much': sent => afterCreate(sent, ({ schema }) => (
    `update ${schema}.customers set balance = balance - 0.01 where id = 2`)),
  'does not catch a rejection': ({ payload }) => {
    void Promise.reject(new Error('not caught'))
    return payload
  },
  'does not release a connection': async ({ pool, payload }) => {
    unreleased ??= pool.connect()
    await unreleased
    return payload
  },
  'logs a credential': ({ request, payload }) => {
    request.log.info(request.url)
    return payload
  },
  'leaks memory': ({ payload }) => {
    leaked.push(Buffer.alloc(LEAKED_BYTES))
    return payload
  }
}

/** Changes the entries of a 400 with several of them. */
function mapIssues (payload: string, change: (issues: readonly unknown[]) => readonly unknown[]): string {
  const { responses = [], ...more } = JSON.parse(payload) as Envelope
  return responses.length > 1 ? JSON.stringify({ responses: change(responses), ...more }) : payload
}

/** Runs a statement after a create that has stored numbers. */
async function afterCreate (sent: Sent, statement: (sent: Sent) => string): Promise<string> {
  return await afterCode('200', sent, statement)
}

/** Runs a statement after a call that has left a record, and whose reply has this code. */
async function afterCode (code: '200' | '204', sent: Sent, statement: (sent: Sent) => string): Promise<string> {
  const { pool, reply, payload } = sent
  if (reply.hasHeader('telco-record') && payload.includes(`"code":"${code}"`)) await pool.query(statement(sent))
  return payload
}

await runHost((app: FastifyInstance, lane, pool, schema) => {
  const name = MUTANTS[lane]
  app.addHook('onSend', async (request, reply, payload) => (
    name === undefined || typeof payload !== 'string' ? payload : await MUTATIONS[name]({ pool, schema, request, reply, payload })))
})
