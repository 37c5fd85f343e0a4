import t, { type Test } from 'tap'
import {
  addPerson, listPeople, changePassword, checkAppointment, enablePerson, getPerson
} from '../../lib/people/administration.js'
import { Database } from '../../lib/database/database.js'
import { PasswordVerifier } from '../../lib/people/passwords.js'
import { migrate } from '../../lib/migrate.js'
import { call, demoHost, demoSchema, emptySchema, type TestSchema } from '../support/host.js'

t.jobs = 3

const PASSWORD = 'correct horse battery'
const LIMITS = { lockTimeout: 10_000, statementTimeout: 60_000 }
const OWNER = { username: 'admin', role: 'System owner', privilege: 'system' }

function databaseOf ({ pool, schema }: TestSchema) {
  return new Database({ pool, schema, limits: LIMITS })
}

async function demo (t: Test) {
  const schema = await demoSchema(t)
  return { ...schema, database: databaseOf(schema) }
}

t.test('adds the initial admin together with the role to an empty database', async t => {
  const schema = await emptySchema(t)
  await migrate(schema.pool, schema.schema)
  const database = databaseOf(schema)
  const { username, role } = OWNER
  await t.rejects(addPerson(database, { username, role, password: PASSWORD }), {
    code: 'TELCO_NUMBERS_ROLE_NOT_FOUND', message: 'role System owner not found; the roles are none', roles: []
  })
  await t.resolves(checkAppointment(database, OWNER))
  t.strictSame(await schema.sql('select from roles'), [])
  const added = { username: 'admin', enabled: true, role: { id: 1, name: 'System owner', privileges: ['system'] } }
  t.strictSame(await addPerson(database, { ...OWNER, password: PASSWORD }), added)
  t.strictSame(await listPeople(database), [added])
  t.strictSame(await getPerson(database, 'admin'), added)
  t.match(await addPerson(database, { ...OWNER, username: 'second', password: PASSWORD }), { role: { id: 1 } })
  t.strictSame(await schema.sql(`insert into roles (name) values ('Next') returning id`), [{ id: 2 }], 'no identifier is used up')
})

t.test('adds a person who can call the endpoint with the current password while enabled', async t => {
  const host = await demoHost(t)
  const database = databaseOf(host)
  await addPerson(database, { username: 'ann', role: 'System owner', password: PASSWORD })
  let start = 0
  const codeFor = async (auth_password: string) => (
    (await call(host.app, { auth_username: 'ann', auth_password, start: ++start, class: 1, ingroup: 1 })).responses[0]?.code)
  t.equal(await codeFor(PASSWORD), '200')
  await changePassword(database, 'ann', `${PASSWORD} staple`)
  t.equal(await codeFor(PASSWORD), '401')
  t.equal(await codeFor(`${PASSWORD} staple`), '200')
  await enablePerson(database, 'ann', false)
  t.equal(await codeFor(`${PASSWORD} staple`), '401')
  await enablePerson(database, 'ann', true)
  t.equal(await codeFor(`${PASSWORD} staple`), '200')
})

t.test('finds a role by its name or identifier, the name first', async t => {
  const { database, sql } = await demo(t)
  await sql(`insert into roles (name) values ('1')`)
  for (const [role, id] of [['User', 2], ['2', 2], ['1', 3], ['3', 3]] as const) {
    t.match(await addPerson(database, { username: `role ${role}`, role, password: PASSWORD }), { role: { id } })
  }
  t.match(await getPerson(database, 'role 1'), { role: { id: 3, name: '1', privileges: [] } })
})

t.test('refuses a role that does not exist or lacks the privilege, both in the check and when it adds a person', async t => {
  const { database, sql } = await demo(t)
  for (const [appointment, refusal] of [
    [{ role: 'Users' }, {
      code: 'TELCO_NUMBERS_ROLE_NOT_FOUND', roles: [{ id: 1 }, { id: 2 }],
      message: 'role Users not found; the roles are 1 "System owner" (numbers, system), 2 "User" (numbers)'
    }],
    [{ role: '7', privilege: 'system' }, { code: 'TELCO_NUMBERS_ROLE_NOT_FOUND' }],
    [{ role: 'User', privilege: 'system' }, {
      code: 'TELCO_NUMBERS_ROLE_WITHOUT_PRIVILEGE', message: /^the role User lacks the privilege system:/
    }],
    [{ role: '2', privilege: 'system' }, { code: 'TELCO_NUMBERS_ROLE_WITHOUT_PRIVILEGE' }],
    [{ role: 'User', username: 'clerk' }, { code: 'TELCO_NUMBERS_PERSON_EXISTS', message: 'person clerk already exists' }]
  ] as const) {
    const person = { username: 'ann', ...appointment }
    await t.rejects(checkAppointment(database, person), refusal)
    await t.rejects(addPerson(database, { ...person, password: PASSWORD }), refusal)
  }
  await sql(`delete from roles_access where role = 2`)
  await t.rejects(checkAppointment(database, { username: 'ann', role: 'x' }), { message: /2 "User" \(no privilege\)$/ })
  t.strictSame(await sql('select from roles'), [{}, {}])
  t.strictSame(await sql('select from people'), [{}, {}])
})

t.test('adds the same person and role once for concurrent calls', async t => {
  const schema = await emptySchema(t)
  await migrate(schema.pool, schema.schema)
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => (
    addPerson(databaseOf(schema), { ...OWNER, password: PASSWORD }))))
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') t.match(outcome.reason, { code: 'TELCO_NUMBERS_PERSON_EXISTS' })
  }
  t.strictSame(await schema.sql('select name, privilege from roles join roles_access on role = id'), [
    { name: 'System owner', privilege: 'system' }
  ])
})

t.test('limits names and passwords, and quotes no password in a message', async t => {
  const { database, sql } = await demo(t)
  for (const [password, message] of [
    ['', 'the password must have at least 12 characters, but has 0'],
    ['é🐎'.repeat(6).slice(0, -2), 'the password must have at least 12 characters, but has 11'],
    ['x'.repeat(257), 'the password must have at most 256 characters, but has 257'],
    [`${PASSWORD}\n`, 'the password must be one line of text, without control characters'],
    [`${PASSWORD}\ud800`, 'the password must be one line of text, without control characters']
  ] as const) {
    const refusal = { code: 'TELCO_NUMBERS_INVALID_PERSON', message }
    await t.rejects(addPerson(database, { username: 'ann', role: 'User', password }), refusal)
    await t.rejects(changePassword(database, 'clerk', password), refusal)
  }
  for (const name of ['', ' ', 'ann ', 'a\0b', 'a\nb', '\udfff', 'x'.repeat(129)]) {
    for (const wrong of [{ username: name }, { role: name }, { privilege: name }]) {
      const refusal = { code: 'TELCO_NUMBERS_INVALID_PERSON', message: /^the (username|role|privilege) must have 1 to 128 characters/ }
      const person = { username: 'ann', role: 'User', ...wrong }
      await t.rejects(checkAppointment(database, person), refusal)
      await t.rejects(addPerson(database, { ...person, password: PASSWORD }), refusal)
    }
  }
  await t.resolves(addPerson(database, { username: '🐎'.repeat(128), role: '2', password: '🐎'.repeat(256) }))
  const [row] = await sql<{ hash: string }>('select password_hash as hash from people where id = 3')
  t.ok(await new PasswordVerifier().verify(row?.hash ?? '', '🐎'.repeat(256)))
})

t.test('rejects a person who does not exist', async t => {
  const { database } = await demo(t)
  const refusal = { code: 'TELCO_NUMBERS_PERSON_NOT_FOUND', message: 'person ann not found' }
  await t.rejects(getPerson(database, 'ann'), refusal)
  await t.rejects(changePassword(database, 'ann', PASSWORD), refusal)
  await t.rejects(enablePerson(database, 'ann', true), refusal)
})
