import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { ConfigurationError } from '../config/configuration-error.js'
import { type Configuration } from '../config/configuration.js'
import { copyData } from './copy-data.js'
import { startEmbeddedPostgres } from './embedded-postgres.js'

/**
 * Copies the data of the embedded PostgreSQL, which no server may be using, to the PostgreSQL of DATABASE_URL. Returns a line
 * for each table with the number of its rows.
 */
export async function moveEmbedded ({ databaseUrl, dataDirectory, schema }: Configuration): Promise<string> {
  if (databaseUrl === undefined) throw new ConfigurationError('DATABASE_URL must name the PostgreSQL to copy to')
  if (!existsSync(join(dataDirectory, 'postgres'))) throw new ConfigurationError(`DATA_DIR has no data to copy: ${dataDirectory}`)
  const postgres = await startEmbeddedPostgres(dataDirectory)
  const [source, target] = [new pg.Pool({ connectionString: postgres.url }), new pg.Pool({ connectionString: databaseUrl })]
  try {
    return (await copyData(source, target, schema)).map(({ name, count }) => `${name}: ${count}\n`).join('')
  } finally {
    await Promise.all([source.end(), target.end()])
    await postgres.stop()
  }
}
