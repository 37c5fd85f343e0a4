import { readFile } from 'node:fs/promises'
import fastify from 'fastify'
import pg from 'pg'
import t from 'tap'
import telcoNumbers from '../../../lib/index.js'
import { call, DATABASE_URL, demoSchema } from '../../support/host.js'
import { run } from '../../support/command-line.js'

t.test('grants both roles their rights, or prints the SQL', async t => {
  const { schema, sql } = await demoSchema(t)
  const [server, operator] = [`${schema} "server"`, `${schema}_operator`]
  const quoted = `${schema} ""server""`
  await sql(`create role "${quoted}"; create role ${operator}`)
  t.teardown(() => sql(`drop owned by "${quoted}", ${operator}; drop role "${quoted}", ${operator}`))
  const environment = { DATABASE_URL, SCHEMA: schema }
  const words = ['grants', '--server', server, '--operator', operator]
  const mayRead = async (): Promise<unknown> => (
    (await sql(`select has_table_privilege($1, '${schema}.people', 'select') as allowed`, [server]))[0])

  const printed = await run([...words, '--dry-run'], environment)
  t.match(printed, { status: 0, out: `"${quoted}"`, err: '' })
  t.notMatch(printed.out, ':"')
  t.strictSame(await mayRead(), { allowed: false })
  t.strictSame(await run(words, environment), {
    status: 0, out: `Granted roles ${server} and ${operator} their rights on schema ${schema}.`, err: ''
  })
  t.strictSame(await mayRead(), { allowed: true })
  t.match(await run(['grants', '--server', server, '--operator', 'missing'], environment), { status: 1, err: /the rights on schema .* cannot be granted: role "missing" does not exist; remedy: create both roles/ })
  t.strictSame(await mayRead(), { allowed: true }, 'what was revoked before the failure is granted again')
})

t.test('refuses to grant rights with a login that is refused', async t => {
  const url = new URL(DATABASE_URL)
  url.username = 'missing_role'
  const { status, err } = await run(['grants', '--server', 'one', '--operator', 'two'], { DATABASE_URL: url.href })
  t.equal(status, 1)
  t.match(err, /the database refused or ended the connection/)
})

t.test('live calls of the server do not fail while the rights are granted again', async t => {
  const { schema, sql } = await demoSchema(t)
  const [server, operator] = [`${schema}_server`, `${schema}_operator`]
  await sql(`create role ${server}; create role ${operator}`)
  const pool = new pg.Pool({ connectionString: DATABASE_URL, options: `-c role=${server}` })
  const app = fastify()
  t.teardown(async () => {
    await app.close()
    await pool.end()
    await sql(`drop owned by ${server}, ${operator}; drop role ${server}, ${operator}`)
  })
  const words = ['grants', '--server', server, '--operator', operator]
  const environment = { DATABASE_URL, SCHEMA: schema }
  t.equal((await run(words, environment)).status, 0)
  await app.register(telcoNumbers, { pool, schema, migrate: false })

  let [isGranting, next] = [true, 1000]
  const codes = new Set<string | undefined>()
  const clients = Array.from({ length: 4 }, async () => {
    while (isGranting) codes.add((await call(app, { start: String(next++), class: 1, ingroup: 1 })).responses[0]?.code)
  })
  for (let round = 0; round < 10; round++) t.equal((await run(words, environment)).status, 0)
  isGranting = false
  await Promise.all(clients)
  t.strictSame([...codes], ['200'])
})

t.test('prints each SQL file without a database', async t => {
  for (const name of ['grants', 'partition-numbers']) {
    const text = await readFile(`lib/sql/${name}.sql`, 'utf8')
    t.strictSame(await run(['sql', name], {}), { status: 0, out: text.trimEnd(), err: '' })
  }
  const { out } = await run(['sql', 'schema'], {})
  t.match(out, /create table :"schema"\.numbers/)
  t.notMatch(out, /(?<!:):(?!"schema")[a-z_]/)
  t.match(await run(['sql', 'other'], {}), { status: 2, err: 'usage: fastify-telco-numbers sql <schema|grants|partition-numbers>' })
})
