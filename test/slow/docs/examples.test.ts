import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { migrate } from '../../../lib/migrate.js'
import { seedDemoData } from '../../../lib/server/demo-data.js'
import { emptyDatabase } from '../../support/empty-database.js'
import { callOf, PATH } from '../../support/host.js'
import { ROOT } from '../../support/root.js'
import { startProgram } from '../../support/server-process.js'

/** Starts an example over demo data, and returns its address when it listens. */
async function startExample (t: Test, name: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const DATABASE_URL = await emptyDatabase(t)
  const pool = new pg.Pool({ connectionString: DATABASE_URL })
  await migrate(pool, 'telco')
  await seedDemoData(pool, 'telco')
  await pool.end()
  const { PATH, HOME } = process.env
  const program = startProgram(t, [process.execPath, '--import', 'tsx', join('examples', name)], {
    cwd: ROOT, env: { PATH, HOME, DATABASE_URL, PORT: '0', ...environment }
  })
  const line = await program.printed(/Server listening at/)
  return /http:\/\/[\d.]+:\d+/.exec(line)?.[0] ?? ''
}

t.test('there is a test for every example', async t => {
  t.strictSame(readdirSync(join(ROOT, 'examples')).sort(), ['own-authentication.ts', 'plugin-in-a-host.ts'])
})

t.test('plugin-in-a-host serves the endpoint, and its own route', async t => {
  const address = await startExample(t, 'plugin-in-a-host.ts')
  const load = async (start: string, end: string): Promise<Response> => (
    await fetch(`${address}/imports/${start}/${end}`, { method: 'POST' }))

  t.match(await (await fetch(`${address}${callOf({ start: '100', class: 1, ingroup: 2 })}`)).json(), { data: { count: 1 } })
  t.match(await (await load('200', '299')).json(), { id: '2', count: 100, charges: [] })
  const refused = await load('200', '299')
  t.equal(refused.status, 400)
  t.match(await refused.json(), { issues: [{ key: 'start' }] })
})

t.test('own-authentication accepts its token only', async t => {
  const address = await startExample(t, 'own-authentication.ts', { API_TOKEN: 'a-token' })
  const load = async (headers: Record<string, string>): Promise<Response> => (
    await fetch(`${address}${PATH}?start=100;class=1;ingroup=2`, { headers }))

  t.equal((await load({})).status, 401)
  t.equal((await load({ authorization: 'Bearer another' })).status, 401)
  t.equal((await fetch(`${address}${callOf({ start: '100', class: 1, ingroup: 2 })}`)).status, 401, 'not the table people')
  const loaded = await load({ authorization: 'Bearer a-token' })
  t.equal(loaded.status, 200)
  t.match(await loaded.json(), { data: { count: 1 } })
})

t.test('own-authentication does not start without a token', async t => {
  const { PATH, HOME } = process.env
  const program = startProgram(t, [process.execPath, '--import', 'tsx', join('examples', 'own-authentication.ts')], {
    cwd: ROOT, env: { PATH, HOME }
  })
  t.equal(await program.ended, 1)
  t.match(program.errors(), /API_TOKEN must be set/)
})
