import t, { type Test } from 'tap'
import { migrate } from '../../../lib/migrate.js'
import { call, DATABASE_URL, demoHost, emptySchema } from '../../support/host.js'
import { run, runAnswering } from '../../support/command-line.js'

t.jobs = 3

const PASSWORD = 'correct horse battery'

async function host (t: Test) {
  const host = await demoHost(t)
  let start = 0
  /** Returns the code that the endpoint sends to a person. */
  const codeFor = async (auth_username: string, auth_password: string) => (
    (await call(host.app, { auth_username, auth_password, start: ++start, class: 1, ingroup: 1 })).responses[0]?.code)
  return { ...host, codeFor, environment: { DATABASE_URL, SCHEMA: host.schema } }
}

t.test('the first person of an empty database can load numbers', async t => {
  const { pool, schema, sql } = await emptySchema(t)
  await migrate(pool, schema)
  const environment = { DATABASE_URL, SCHEMA: schema }
  t.strictSame(await run(['person', 'list'], environment), { status: 0, out: 'There are no people.', err: '' })
  t.match(await run(['person', 'add', 'admin', '--role', 'System owner'], environment, PASSWORD), {
    status: 1, err: 'role System owner not found; the roles are none'
  })
  t.strictSame(
    await run(['person', 'add', 'admin', '--role', 'System owner', '--privilege', 'system'], environment, `${PASSWORD}\n`),
    { status: 0, out: 'Added admin, role 1 "System owner" (system), enabled.', err: '' })
  t.match(await sql('select username, enabled, privilege from people join roles_access using (role)'), [
    { username: 'admin', enabled: true, privilege: 'system' }
  ])
})

t.test('a person can be added, disabled, enabled, and given another password', async t => {
  const { environment, codeFor } = await host(t)
  t.strictSame(await run(['person', 'add', 'ann', '--role', '1'], environment, PASSWORD), {
    status: 0, out: 'Added ann, role 1 "System owner" (numbers, system), enabled.', err: ''
  })
  t.equal(await codeFor('ann', PASSWORD), '200')
  t.strictSame(await run(['person', 'disable', 'ann'], environment), {
    status: 0, out: 'ann, role 1 "System owner" (numbers, system), disabled', err: ''
  })
  t.equal(await codeFor('ann', PASSWORD), '401')
  t.match(await run(['person', 'enable', 'ann', '--json'], environment), { status: 0, out: /"enabled": true/ })
  t.equal(await codeFor('ann', PASSWORD), '200')
  t.strictSame(await run(['person', 'passwd', 'ann'], environment, `${PASSWORD} staple`), {
    status: 0, out: 'ann has a new password.', err: ''
  })
  t.equal(await codeFor('ann', PASSWORD), '401')
  t.equal(await codeFor('ann', `${PASSWORD} staple`), '200')
})

t.test('at a terminal it prompts for the password twice', async t => {
  const { environment, codeFor } = await host(t)
  const added = await runAnswering(['person', 'add', 'ann', '--role', 'System owner', '--json'], environment, [
    [/New password for ann: $/, `${PASSWORD}\r`], [/Repeat the password: $/, `${PASSWORD}\r`]
  ])
  t.match(added, { status: 0, err: 'New password for ann: \nRepeat the password: \n', rawModes: [true, true, false] })
  t.strictSame(JSON.parse(added.out), {
    username: 'ann', enabled: true, role: { id: 1, name: 'System owner', privileges: ['numbers', 'system'] }
  })
  t.equal(await codeFor('ann', PASSWORD), '200')
  t.match(await runAnswering(['person', 'passwd', 'ann'], environment, [[/New password for ann: $/, '\x03']]), { status: 130 })
  t.equal(await codeFor('ann', PASSWORD), '200')
})

t.test('a person who cannot be added is refused before the password prompt', async t => {
  const { environment, sql } = await host(t)
  const add = (...words: string[]) => runAnswering(['person', 'add', ...words], environment, [])
  t.match(await add('ann', '--role', 'Owner'), {
    status: 1, err: 'role Owner not found; the roles are 1 "System owner" (numbers, system), 2 "User" (numbers)\n'
  })
  t.match(JSON.parse((await add('ann', '--role', 'Owner', '--json')).out), {
    error: { code: 'TELCO_NUMBERS_ROLE_NOT_FOUND', roles: [{ id: 1, name: 'System owner' }, { id: 2, name: 'User' }] }
  })
  t.match(await add('user', '--role', 'User'), { status: 1, err: 'person user already exists\n' })
  t.match(await add('ann', '--role', 'User', '--privilege', 'system'), { status: 1, err: 'lacks the privilege system' })
  t.match(await add('ann ', '--role', 'User'), { status: 1, err: 'the username must have 1 to 128 characters' })
  t.match(await runAnswering(['person', 'passwd', 'ann'], environment, []), { status: 1, err: 'person ann not found\n' })
  t.match(await run(['person', 'disable', 'ann'], environment), { status: 1, err: 'person ann not found' })
  t.equal((await sql('select from people')).length, 2)
})

t.test('a password is not accepted as an argument or a variable, and must be valid', async t => {
  const { environment, sql } = await host(t)
  const { status, err } = await run(['person', 'add', 'ann', PASSWORD, '--role', 'User'], environment)
  t.match([status, err], [2, 'usage: fastify-telco-numbers person add <username> --role <name or id>'])
  t.notMatch(err, PASSWORD)
  t.match(await run(['person', 'add', 'ann', '--role', 'User'], { ...environment, PASSWORD }), {
    status: 2, err: 'the password is missing: type it at a terminal, or send it to standard input'
  })
  t.match(await run(['person', 'add', 'ann', '--role', 'User', '--password', PASSWORD], environment), { status: 2, err: 'unknown option --password; ' })
  t.match(await run(['person', 'add', 'ann', '--role', 'User'], environment, 'short'), {
    status: 1, err: 'the password must have at least 12 characters, but has 5'
  })
  t.match(await run(['person', 'add', 'ann'], environment), { status: 2, err: 'missing --role; ' })
  t.match(await run(['person', 'add', 'ann', '--role', 'User', '--privilege='], environment), {
    status: 2, err: '--privilege needs the name of a privilege'
  })
  t.equal((await sql('select from people')).length, 2)
})

t.test('people are listed without their password hashes', async t => {
  const { environment, sql } = await host(t)
  await sql(`insert into roles (name) values ('Visitor'); insert into people (username, password_hash, role, enabled) values ('ann', '', 3, false)`)
  t.equal((await run(['person', 'list'], environment)).out, `ann, role 3 "Visitor" (no privilege), disabled
clerk, role 2 "User" (numbers), enabled
user, role 1 "System owner" (numbers, system), enabled`)
  const { out } = await run(['person', 'list', '--json'], environment)
  t.match(JSON.parse(out), [{ username: 'ann', enabled: false, role: { privileges: [] } }, { username: 'clerk' }, { username: 'user' }])
  t.notMatch(out, /argon2|hash/)
})
