import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { parse } from 'yaml'
import { readConfiguration } from '../../lib/config/configuration.js'
import { ROOT } from '../support/root.js'

const Service = Type.Object({
  image: Type.Optional(Type.String()),
  build: Type.Optional(Type.String()),
  user: Type.Optional(Type.String()),
  entrypoint: Type.Optional(Type.Array(Type.String())),
  command: Type.Optional(Type.Array(Type.String())),
  environment: Type.Record(Type.String(), Type.String()),
  ports: Type.Optional(Type.Array(Type.String())),
  volumes: Type.Array(Type.String()),
  tmpfs: Type.Optional(Type.Array(Type.String())),
  depends_on: Type.Optional(Type.Record(Type.String(), Type.Object({ condition: Type.String() }))),
  healthcheck: Type.Optional(Type.Object({ test: Type.Array(Type.String()) })),
  init: Type.Optional(Type.Boolean()),
  read_only: Type.Literal(true),
  cap_drop: Type.Tuple([Type.Literal('ALL')]),
  security_opt: Type.Tuple([Type.Literal('no-new-privileges:true')]),
  restart: Type.String()
})

const Compose = Type.Object({
  services: Type.Object({ secrets: Service, database: Service, server: Service }),
  volumes: Type.Record(Type.String(), Type.Null())
}, { additionalProperties: false })

async function readCompose (): Promise<Static<typeof Compose>> {
  const compose: unknown = parse(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8'))
  Value.Assert(Compose, compose)
  return compose
}

/** Returns a value as Compose does if no variable is set. */
function withDefaults (value: string): string {
  return value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
}

t.test('the services start unprivileged, in the order secrets, database, server', async t => {
  const { services: { secrets, database, server }, volumes } = await readCompose()
  t.strictSame(Object.keys(volumes), ['database', 'secrets'])
  t.strictSame(database.depends_on, { secrets: { condition: 'service_completed_successfully' } })
  t.strictSame(server.depends_on, { database: { condition: 'service_healthy' } })
  t.match(database.healthcheck, { test: ['CMD', 'pg_isready'] })
  t.match([database.user, server.build, server.init, secrets.restart], ['postgres', '.', true, 'no'])
})

t.test('the server listens for this machine only by default, and only the server reaches the database', async t => {
  const { services: { secrets, database, server } } = await readCompose()
  t.strictSame(server.ports?.map(withDefaults), ['127.0.0.1:3000:3000'])
  t.strictSame([secrets.ports, database.ports], [undefined, undefined])
})

t.test('PostgreSQL 18 keeps its data in a volume, and loses no commit', async t => {
  const { services: { database } } = await readCompose()
  t.equal(database.image, 'postgres:18')
  t.ok(database.volumes.includes('database:/var/lib/postgresql'))
  t.ok(database.command?.includes('wal_buffers=64MB'))
  t.notMatch(database.command?.join(), /fsync|synchronous_commit|full_page_writes/)
})

t.test('the file has no password: it is in a volume that only the service secrets writes', async t => {
  const { services: { secrets, database, server } } = await readCompose()
  const text = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8')
  t.strictSame(text.match(/PASSWORD\w*: .*/g), [
    'PASSWORD: ${POSTGRES_PASSWORD:-}', 'PASSWORD_FILE: /run/telco/database-password',
    'PASSWORD_FILE: /run/telco/database-password', 'PASSWORD: ${ADMIN_PASSWORD:-}'
  ])
  t.strictSame(secrets.volumes, ['secrets:/secrets'])
  for (const { volumes } of [database, server]) t.ok(volumes.includes('secrets:/run/telco:ro'))
})

t.test('the environment of the server is valid', async t => {
  const { services: { server } } = await readCompose()
  const password = join(t.testdir({ password: 'so secret' }), 'password')
  const given = Object.fromEntries(Object.entries(server.environment).map(([name, value]) => [name, withDefaults(value)]))
  t.match(readConfiguration({ ...given, DATABASE_PASSWORD_FILE: password }), {
    databaseUrl: 'postgres://telco@database:5432/telco?password=so%20secret', host: '0.0.0.0', port: 3000, seedDemo: false,
    admin: { username: 'admin', password: undefined }
  })
})

t.test('the password is generated once, readable for all users, unless one is given', async t => {
  const { services: { secrets } } = await readCompose()
  const folder = t.testdir({})
  const file = join(folder, 'database-password')
  const [shell = '', ...words] = [...secrets.entrypoint ?? [], ...secrets.command ?? []].map(word => (
    word.replaceAll('$$', '$').replaceAll('/secrets', `'${folder}'`)))
  const run = async (given: string): Promise<string> => {
    await promisify(execFile)(shell, words, { env: { PATH: process.env.PATH, POSTGRES_PASSWORD: given } })
    return await readFile(file, 'utf8')
  }
  const first = await run('')
  t.match(first, /^[0-9a-f]{48}$/)
  t.equal((await stat(file)).mode & 0o777, 0o444)
  t.equal(await run(''), first, 'the next start keeps it')
  t.equal(await run('$given "one" %s'), '$given "one" %s')
  t.equal(await run(''), '$given "one" %s')
})
