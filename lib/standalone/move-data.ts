// npm run move-data: copies the data of the embedded PostgreSQL, in DATA_DIR, to the PostgreSQL of DATABASE_URL.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { messageOf } from '../errors.js'
import { ConfigurationError } from './configuration-error.js'
import { readConfiguration } from './configuration.js'
import { copyData } from './copy-data.js'
import { startEmbeddedPostgres } from './embedded-postgres.js'

try {
  const { databaseUrl, dataDirectory, schema } = readConfiguration(process.env)
  if (databaseUrl === undefined) throw new ConfigurationError('DATABASE_URL must say which PostgreSQL gets the data')
  if (!existsSync(join(dataDirectory, 'postgres'))) throw new ConfigurationError(`there is no data in DATA_DIR, ${dataDirectory}`)
  const postgres = await startEmbeddedPostgres(dataDirectory)
  const [source, target] = [new pg.Pool({ connectionString: postgres.url }), new pg.Pool({ connectionString: databaseUrl })]
  try {
    for (const { name, count } of await copyData(source, target, schema)) process.stdout.write(`${name}: ${count}\n`)
  } finally {
    await Promise.all([source.end(), target.end()])
    await postgres.stop()
  }
} catch (error) {
  process.stderr.write(`fastify-telco-numbers: ${messageOf(error)}\n`)
  process.exitCode = 1
}
