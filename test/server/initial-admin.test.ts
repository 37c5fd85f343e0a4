import t from 'tap'
import { migrate } from '../../lib/migrate.js'
import { readConfiguration } from '../../lib/config/configuration.js'
import { addInitialAdmin, INITIAL_ADMIN_ROLE } from '../../lib/server/initial-admin.js'
import { seed } from '../../lib/server/seed.js'
import { buildServer } from '../../lib/server/server.js'
import { DATABASE_URL, demoSchema, emptySchema, PATH } from '../support/host.js'

t.jobs = 3

const PASSWORD = 'correct horse battery'

t.test('of several servers at once, exactly one adds the first person, who may call the function', async t => {
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

t.test('where there are people, or a view of the host\'s, nobody is added', async t => {
  const { pool, schema, sql } = await demoSchema(t)
  t.equal(await addInitialAdmin(pool, schema, 'admin', PASSWORD), false)
  await sql('create table hosts_people (like people); drop table people cascade; create view people as select * from hosts_people')
  t.equal(await addInitialAdmin(pool, schema, 'admin', PASSWORD), false)
  t.strictSame(await sql('select from people'), [])
})

t.test('a role of that name which may not call the function is left as it is', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await migrate(pool, schema)
  await sql('insert into roles (name) values ($1)', [INITIAL_ADMIN_ROLE])
  await t.rejects(addInitialAdmin(pool, schema, 'admin', PASSWORD), { code: 'TELCO_NUMBERS_ROLE_WITHOUT_PRIVILEGE' })
  t.strictSame(await sql('select from people'), [])
})

t.test('a password that was made up is printed, and not told; one that was given is neither', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await migrate(pool, schema)
  const told: string[] = []
  const printed: string[] = []
  const tell = (line: string): void => { told.push(line) }
  const print = (line: string): void => { printed.push(line) }
  const environment = { DATABASE_URL, SCHEMA: schema, ADMIN_USERNAME: 'boss' }
  await seed(readConfiguration(environment), DATABASE_URL, tell, print)
  t.match(told, [/^There was nobody who may log in: boss was added/])
  t.match(printed, [/^Username boss, password [\w-]{24} \(told this once\)$/])
  await seed(readConfiguration(environment), DATABASE_URL, tell, print)
  t.equal(told.length, 1, 'once only')

  await sql('truncate people')
  await seed(readConfiguration({ ...environment, ADMIN_PASSWORD: PASSWORD }), DATABASE_URL, tell, print)
  t.strictSame([told.length, printed.length], [2, 1])
  t.notMatch(told.join(), PASSWORD)
  t.strictSame(await sql('select username from people'), [{ username: 'boss' }])
})
