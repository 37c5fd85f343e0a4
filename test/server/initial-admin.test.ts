import t from 'tap'
import { migrate } from '../../lib/migrate.js'
import { INITIAL_ADMIN_ROLE, readConfiguration } from '../../lib/config/configuration.js'
import { addInitialAdmin } from '../../lib/server/initial-admin.js'
import { seed } from '../../lib/server/seed.js'
import { buildServer } from '../../lib/server/server.js'
import { DATABASE_URL, demoSchema, emptySchema, PATH } from '../support/host.js'

t.jobs = 3

const PASSWORD = 'correct horse battery'

t.test('one of several servers adds the initial admin, who may call the endpoint', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await migrate(pool, schema)
  const added = await Promise.all(['a', 'b', 'c', 'd'].map(username => addInitialAdmin(pool, schema, username, PASSWORD)))
  t.strictSame(added.toSorted(), [false, false, false, true])
  const people = await sql<{ username: string }>('select username, enabled from people')
  t.equal(people.length, 1)
  t.equal(await addInitialAdmin(pool, schema, 'late', PASSWORD), false)

  const app = await buildServer(readConfiguration({ SCHEMA: schema, LOG_LEVEL: 'silent' }), DATABASE_URL)
  t.teardown(() => app.close())
  const payload = new URLSearchParams({ auth_username: people[0]?.username ?? '', auth_password: PASSWORD }).toString()
  const reply = await app.inject({
    method: 'POST', url: PATH, payload, headers: { 'content-type': 'application/x-www-form-urlencoded' }
  })
  t.match(reply.json(), { responses: [{ code: '400', key: 'start' }, { code: '400', key: 'class' }, { code: '400', key: 'ingroup' }] })
})

t.test('no initial admin is added if there are people, or a view of the host application', async t => {
  const { pool, schema, sql } = await demoSchema(t)
  t.equal(await addInitialAdmin(pool, schema, 'admin', PASSWORD), false)
  await sql('create table hosts_people (like people); drop table people cascade; create view people as select * from hosts_people')
  t.equal(await addInitialAdmin(pool, schema, 'admin', PASSWORD), false)
  t.strictSame(await sql('select from people'), [])
})

t.test('an existing role without the privilege is not changed', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await migrate(pool, schema)
  await sql('insert into roles (name) values ($1)', [INITIAL_ADMIN_ROLE])
  await t.rejects(addInitialAdmin(pool, schema, 'admin', PASSWORD), { code: 'TELCO_NUMBERS_ROLE_WITHOUT_PRIVILEGE' })
  t.strictSame(await sql('select from people'), [])
})

t.test('a generated password is printed and not reported; a given one is neither', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await migrate(pool, schema)
  const reported: string[] = []
  const printed: string[] = []
  const report = (line: string): void => { reported.push(line) }
  const print = (line: string): void => { printed.push(line) }
  const environment = { DATABASE_URL, SCHEMA: schema, ADMIN_USERNAME: 'boss' }
  await seed(readConfiguration(environment), DATABASE_URL, report, print)
  t.match(reported, [/^Added the initial admin boss, because the table people was empty\.$/])
  t.match(printed, [/^Username boss, password [\w-]{24} \(shown only once\)$/])
  await seed(readConfiguration(environment), DATABASE_URL, report, print)
  t.equal(reported.length, 1, 'once only')

  await sql('truncate people')
  await seed(readConfiguration({ ...environment, ADMIN_PASSWORD: PASSWORD }), DATABASE_URL, report, print)
  t.strictSame([reported.length, printed.length], [2, 1])
  t.notMatch(reported.join(), PASSWORD)
  t.strictSame(await sql('select username from people'), [{ username: 'boss' }])
})
