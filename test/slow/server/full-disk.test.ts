import t from 'tap'
import { DATABASE_URL, demoSchema, USER } from '../../support/host.js'
import { startServer } from '../../support/server-process.js'
import { freePort } from '../../support/server.js'
import { until } from '../../support/until.js'

/** Runs a program whose log is on a full disk. */
const FULL_DISK = ['sh', '-c', 'exec "$0" "$@" > /dev/full', process.execPath, '--enable-source-maps'] as const

t.test('a log that cannot be written does not end the server', { skip: process.platform !== 'linux' }, async t => {
  const { schema } = await demoSchema(t)
  const port = await freePort()
  const server = startServer(t, { DATABASE_URL, SCHEMA: schema, PORT: String(port) }, {}, FULL_DISK)
  const get = async (name: string) => await fetch(`http://127.0.0.1:${port}/api/json/numbers/system/${name}?${new URLSearchParams(USER).toString()}`)
  await until(() => get('list').then(({ ok }) => ok, () => false))
  t.equal((await get('list')).status, 200)
  process.kill(server.pid, 'SIGTERM')
  t.equal(await server.ended, 0)
})
