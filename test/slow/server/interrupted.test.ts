import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../../support/until.js'
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
  await until(() => existsSync(directory))
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
  await until(() => existsSync(directory))
  process.kill(-server.pid, 'SIGINT')
  t.equal(await server.ended, 0)
  t.match(server.output(), /Stopping\.\n$/)
  t.equal(server.errors(), '')
  t.strictSame(await processesOf(directory), [])
})

t.test('a first start that is killed leaves a folder that the next start completes', async t => {
  const directory = await dataDirectory(t)
  for (const isReached of [
    // The first file that initdb writes, and the end of its work.
    async () => (await readdir(directory, { recursive: true }).catch(() => [])).some(file => /^new-.*PG_VERSION$/.test(file)),
    () => existsSync(join(directory, 'postgres'))
  ]) {
    const killed = startServer(t, { DATA_DIR: directory })
    await until(isReached)
    process.kill(killed.pid, 'SIGKILL')
    // Repeatedly, because one that is killed may have started another.
    await until(async () => {
      const processes = await processesOf(directory)
      for (const { pid } of processes) {
        try { process.kill(pid, 'SIGKILL') } catch { /* It has ended. */ }
      }
      return processes.length === 0
    })
    await killed.ended
  }
  const next = startServer(t, { DATA_DIR: directory })
  await next.printed(/Demo data added/)
  process.kill(next.pid, 'SIGTERM')
  t.equal(await next.ended, 0)
  t.strictSame(await readdir(directory), ['postgres'])
})
