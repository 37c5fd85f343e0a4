import pg from 'pg'
import t from 'tap'
import { DATABASE_URL, emptySchema } from '../../support/host.js'
import { run } from '../../support/command-line.js'

t.test('a dry run prints the SQL, or that there is nothing to do', async t => {
  const { schema, sql } = await emptySchema(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  const { status, out, err } = await run(['migrate', '--dry-run'], environment)
  t.match([status, err], [0, ''])
  t.match(out, new RegExp(`^-- Migrates schema "${schema}" from version 0 .*\n\nbegin .*;\n[^]*\ncommit;$`))
  t.notMatch(out, ':"schema"')
  const printed = JSON.parse((await run(['migrate', '--dry-run', '--json'], environment)).out) as unknown
  t.match(printed, { schema, pending: ['001-schema.sql'], sql: out })
  t.match(await run(['loads'], environment), { status: 1, err: 'is at version 0' }, 'nothing was changed')

  const client = new pg.Client(DATABASE_URL)
  await client.connect()
  t.teardown(() => client.end())
  await client.query(out)
  t.strictSame(await run(['loads'], environment), { status: 0, out: 'There are no loads.', err: '' })
  t.strictSame(await sql('select from people'), [])
  t.match(await run(['migrate', '--dry-run'], environment), { status: 0, out: /^-- Schema .* there is nothing to do\.$/ })
  t.equal((await run(['migrate'], environment)).out, `Schema ${schema} is up to date.`)
})
