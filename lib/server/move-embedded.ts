import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { ConfigurationError } from '../config/configuration-error.js'
import { type Configuration } from '../config/configuration.js'
import { copyData } from './copy-data.js'
import { startEmbeddedPostgres } from './embedded-postgres.js'

/** Copies the data of the embedded PostgreSQL, which no server may be using, to that of DATABASE_URL; tells it by table. */
export async function moveEmbedded ({ databaseUrl, dataDirectory, schema }: Configuration): Promise<string> {
  if (databaseUrl === undefined) throw new ConfigurationError('DATABASE_URL must say which PostgreSQL gets the data')
  if (!existsSync(join(dataDirectory, 'postgres'))) throw new ConfigurationError(`there is no data in DATA_DIR, ${dataDirectory}`)
  const postgres = await startEmbeddedPostgres(dataDirectory)
  const [source, target] = [new pg.Pool({ connectionString: postgres.url }), new pg.Pool({ connectionString: databaseUrl })]
  try {
    return (await copyData(source, target, schema)).map(({ name, count }) => `${name}: ${count}\n`).join('')
  } finally {
    await Promise.all([source.end(), target.end()])
    await postgres.stop()
  }
}
