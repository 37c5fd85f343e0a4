import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import t from 'tap'
import { migrate } from '../../../lib/migrate.js'
import { readConfiguration } from '../../../lib/config/configuration.js'
import { seedDemoData } from '../../../lib/server/demo-data.js'
import { startEmbeddedPostgres } from '../../../lib/server/embedded-postgres.js'
import { moveEmbedded } from '../../../lib/server/move-embedded.js'
import { DATABASE_URL, emptySchema } from '../../support/host.js'
import { dataDirectory, processesOf } from '../../support/server-process.js'

// Starts five processes, on a machine that may be busy.
t.setTimeout(600_000)

const MAIN = fileURLToPath(new URL('../../../lib/server/move-data.js', import.meta.url))

const run = (environment: NodeJS.ProcessEnv) => promisify(execFile)(process.execPath, ['--enable-source-maps', MAIN], {
  env: { ...process.env, ...environment }
})

t.test('the data of the embedded PostgreSQL is copied to another PostgreSQL', async t => {
  const { schema, sql } = await emptySchema(t)
  const directory = await dataDirectory(t)
  const configuration = readConfiguration({ DATABASE_URL, DATA_DIR: directory, SCHEMA: schema })
  await t.rejects(moveEmbedded(configuration), { message: /^DATA_DIR has no data to copy: / })

  const postgres = await startEmbeddedPostgres(directory)
  const pool = new pg.Pool({ connectionString: postgres.url }).on('error', () => {})
  await migrate(pool, schema)
  await seedDemoData(pool, schema)
  await pool.end()
  await t.rejects(run({ DATABASE_URL, DATA_DIR: directory, SCHEMA: schema }), {
    code: 1, stderr: /^fastify-telco-numbers: A running server uses .*: stop it first/
  })
  await postgres.stop()

  t.match((await run({ DATABASE_URL, DATA_DIR: directory, SCHEMA: schema })).stdout, /^people: 2\n(.*\n)*numbers: 0\n$/m)
  t.strictSame(await sql('select username from people order by 1'), [{ username: 'clerk' }, { username: 'user' }])
  t.strictSame(await processesOf(directory), [])
})

t.test('without DATABASE_URL, the command fails with the reason', async t => {
  await t.rejects(run({ DATABASE_URL: '' }), {
    code: 1, stderr: 'fastify-telco-numbers: DATABASE_URL must name the PostgreSQL to copy to\n'
  })
})
