import { execFile } from 'node:child_process'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { parse } from 'yaml'
import { Environment, readConfiguration } from '../../lib/config/configuration.js'
import { ROOT } from '../support/root.js'

const Service = Type.Object({
  image: Type.Optional(Type.String()),
  build: Type.Optional(Type.String()),
  user: Type.Optional(Type.String()),
  entrypoint: Type.Optional(Type.Array(Type.String())),
  command: Type.Optional(Type.Array(Type.String())),
  environment: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])),
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
function withDefaults (value: string | null): string {
  return (value ?? '').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
}

t.test('the services start unprivileged, in the order secrets, database, server', async t => {
  const { services: { secrets, database, server }, volumes } = await readCompose()
  t.strictSame(Object.keys(volumes), ['database', 'secrets'])
  t.strictSame(database.depends_on, { secrets: { condition: 'service_completed_successfully' } })
  t.strictSame(server.depends_on, { database: { condition: 'service_healthy' } })
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
    'PASSWORD_FILE: /run/telco/database-password', 'PASSWORD_FILE: /run/telco/database-password'
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

t.test('every variable of the server can be set', async t => {
  const { services: { server } } = await readCompose()
  const [fixed, given] = [['DATABASE_URL', 'DATABASE_PASSWORD_FILE', 'HOST', 'PORT'], Object.keys(server.environment)]
  t.strictSame(given.sort(), [...new Set([...fixed, ...Object.keys(Environment.properties)])].filter(name => name !== 'DATA_DIR').sort())
  for (const [name, value] of Object.entries(server.environment)) t.equal(value === null, !fixed.includes(name), name)
})

t.test('the password is that of the first start, and is readable by all users', async t => {
  const { services: { secrets } } = await readCompose()
  const prepare = () => {
    const folder = t.testdir({})
    const [shell, ...words] = scriptOf([...secrets.entrypoint ?? [], ...secrets.command ?? []], '/secrets', folder)
    return async (environment: NodeJS.ProcessEnv) => {
      const { stderr } = await promisify(execFile)(shell, words, { env: { PATH: process.env.PATH, ...environment } })
      const file = join(folder, 'database-password')
      return { stderr, password: await readFile(file, 'utf8'), mode: (await stat(file)).mode & 0o777 }
    }
  }
  const start = prepare()
  const first = await start({})
  t.match(first, { stderr: '', password: /^[0-9a-f]{48}$/, mode: 0o444 })
  t.strictSame(await start({}), first)
  t.match(await start({ POSTGRES_PASSWORD: 'another' }), { password: first.password, stderr: /has no effect: the database has another/ })

  const startWith = prepare()
  const given = await startWith({ POSTGRES_PASSWORD: '$given "one" %s' })
  t.match(given, { stderr: '', password: '$given "one" %s' })
  t.strictSame(await startWith({ POSTGRES_PASSWORD: given.password }), given)
})

t.test('an interrupted first start of the database is repeated, and no other start is', async t => {
  const { services: { database } } = await readCompose()
  const folder = t.testdir({ bin: {} })
  const entrypoint = join(folder, 'bin', 'docker-entrypoint.sh')
  await writeFile(entrypoint, '#!/bin/sh\nmkdir -p "$PGDATA"; ls "$PGDATA"; echo "$@"; touch "$PGDATA/PG_VERSION"; echo 18 > "$PGDATA/PG_VERSION"\n')
  await chmod(entrypoint, 0o755)
  const [shell, ...words] = scriptOf([...database.entrypoint ?? [], ...database.command ?? []], '/var/lib/postgresql', folder)
  const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`, PGDATA: join(folder, '18', 'docker') }
  const start = async () => (await promisify(execFile)(shell, words, { env })).stdout
  const begun = 'postgres -c wal_buffers=64MB\n'
  t.equal(await start(), begun)
  t.equal(await start(), begun, 'the health check has never succeeded')

  const [kind, check = ''] = database.healthcheck?.test ?? []
  t.match([kind, check], ['CMD-SHELL', /psql --host "\$\$\(hostname\)" --username telco --dbname telco .*&& rm -f/])
  const [, , remove = ''] = scriptOf(['sh', '-c', check.replace(/^.*&&/, '')], '/var/lib/postgresql', folder)
  await promisify(execFile)('sh', ['-c', remove])
  t.equal(await start(), `PG_VERSION\n${begun}`)
  t.equal(await start(), `PG_VERSION\n${begun}`)
})

/** Returns a command as Compose runs it, with another folder, which may have spaces in its name. */
function scriptOf (words: readonly string[], folder: string, other: string): [string, ...string[]] {
  const [command = '', ...rest] = words.map(word => word.replaceAll('$$', '$').replaceAll(folder, `'${other}'`))
  return [command, ...rest]
}
