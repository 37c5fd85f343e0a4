import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../../support/session.js'
import { dataDirectory, processesOf, startServer } from '../../support/server-process.js'

t.jobs = 2

t.test('PostgreSQL stops if the server is killed, and starts again', async t => {
  const directory = await dataDirectory(t)
  const killed = startServer(t, { DATA_DIR: directory })
  await killed.printed(/Listening/)
  t.not((await processesOf(directory)).length, 0)
  process.kill(killed.pid, 'SIGKILL')
  t.equal(await killed.ended, 'SIGKILL')
  await until(async () => (await processesOf(directory)).length === 0)
  t.notOk(existsSync(join(directory, 'database-url')))

  const next = startServer(t, { DATA_DIR: directory })
  await next.printed(/Demo data not added/)
  process.kill(next.pid, 'SIGTERM')
  t.equal(await next.ended, 0)
})

t.test('PostgreSQL stops if the server is killed before PostgreSQL has started', async t => {
  const directory = await dataDirectory(t)
  const killed = startServer(t, { DATA_DIR: directory })
  await killed.printed(/Starting the embedded PostgreSQL/)
  await until(() => existsSync(join(directory, 'password')))
  process.kill(killed.pid, 'SIGKILL')
  await killed.ended
  await until(async () => (await processesOf(directory)).length === 0)
  t.notOk(existsSync(join(directory, 'postgres', 'postmaster.pid')))
})

t.test('a Ctrl-C during the start stops the server after the start', async t => {
  const directory = await dataDirectory(t)
  const server = startServer(t, { DATA_DIR: directory })
  await server.printed(/Starting the embedded PostgreSQL/)
  // By then the supervisor has left the process group of the server, which receives a Ctrl-C of the terminal.
  await until(() => existsSync(join(directory, 'password')))
  process.kill(-server.pid, 'SIGINT')
  t.equal(await server.ended, 0)
  t.match(server.output(), /Stopping\.\n$/)
  t.equal(server.errors(), '')
  t.strictSame(await processesOf(directory), [])
})
