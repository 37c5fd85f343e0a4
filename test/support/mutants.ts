// Run by fuzz.test.ts as a process of its own: servers that break the contract on purpose, each in its own way.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type pg from 'pg'
import { PEOPLE } from '../../torture/fuzz/model/demo-data.js'
import { runHost } from '../../torture/fuzz/server/host.js'
import { SABOTAGES, type SabotageName } from '../torture/mutants.js'

interface Spoil {
  readonly pool: pg.Pool
  readonly schema: string
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** The reply as it would be sent. */
  readonly payload: string
}

let lent: Promise<pg.PoolClient> | undefined
const kept: Buffer[] = []

/** What each sabotage sends instead, after what it does beside. */
const SPOIL: Record<SabotageName, (spoil: Spoil) => Promise<string> | string> = {
  'other code': ({ payload }) => payload.replace('"code":"400"', '"code":"401"'),
  'keys in another order': ({ payload }) => payload.replace(/\[(.*),(\{"code":"400".*\})\]/, '[$2,$1]'),
  'a key less': ({ payload }) => payload.replace(/,\{"code":"400"[^}]*\}/, ''),
  'other count': ({ payload }) => payload.replace(/"count":([1-9])/, '"count":1$1'),
  'other status': ({ reply, payload }) => {
    if (reply.statusCode === 200) reply.code(202)
    return payload
  },
  'server error': ({ reply, payload }) => {
    if (payload.includes('"201"')) reply.code(500)
    return payload
  },
  'no envelope': ({ payload }) => payload.replace('"count"', '"total":0,"count"'),
  'may be stored by caches': ({ reply, payload }) => {
    reply.removeHeader('cache-control')
    return payload
  },
  'no reply': ({ request, payload }) => {
    if (payload.includes('"201"')) request.raw.socket.destroy()
    return payload
  },
  'a credential in the reply': ({ payload }) => payload.replace('"message":"', `"message":"${PEOPLE[0]?.password ?? ''} `),
  'stores another class': ({ pool, schema, payload }) => afterwards(pool, payload, `update ${schema}.numbers set class = 3 - class where class < 3`),
  'stores another load': ({ pool, schema, payload }) => afterwards(pool, payload, `update ${schema}.loads set person = 'nobody'`),
  'loses a number': ({ pool, schema, payload }) => afterwards(
    pool, payload, `delete from ${schema}.numbers where number = (select max(number) from ${schema}.numbers)`),
  'charges too much': ({ pool, schema, payload }) => afterwards(pool, payload, `update ${schema}.customers set balance = balance - 0.01 where id = 2`),
  'rejects without being caught': ({ payload }) => {
    void Promise.reject(new Error('nobody catches this'))
    return payload
  },
  'keeps a connection': async ({ pool, payload }) => {
    lent ??= pool.connect()
    await lent
    return payload
  },
  'logs a credential': ({ request, payload }) => {
    request.log.info(request.url)
    return payload
  },
  'keeps memory': ({ payload }) => {
    kept.push(Buffer.alloc(4 * 2 ** 20))
    return payload
  }
}

async function afterwards (pool: pg.Pool, payload: string, statement: string): Promise<string> {
  if (payload.includes('"code":"200"')) await pool.query(statement)
  return payload
}

await runHost((app: FastifyInstance, lane, pool, schema) => {
  const name = SABOTAGES[lane]
  app.addHook('onSend', async (request, reply, payload) => (
    name === undefined || typeof payload !== 'string' ? payload : await SPOIL[name]({ pool, schema, request, reply, payload })))
})
