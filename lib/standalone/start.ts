import pg from 'pg'
import { messageOf } from '../errors.js'
import { ConfigurationError, type Configuration } from './configuration.js'
import { DEMO_PASSWORD, loadDemoData } from './demo-data.js'
import { startEmbeddedPostgres } from './embedded-postgres.js'
import { buildServer } from './server.js'

/** A running stand-alone server. */
export interface RunningServer {
  /** Where it listens, without a path. */
  readonly origin: string
  /** Tells what happens: a person in front of the embedded PostgreSQL, or else the log. */
  tell: (line: string) => void
  stop: () => Promise<void>
}

/** Starts everything that the configuration asks for, and tells what it does; `print` writes a line for a person. */
export async function start (configuration: Configuration, print: (line: string) => void): Promise<RunningServer> {
  // What has been started, to be stopped in the opposite order.
  const started: Array<() => Promise<void>> = []
  const stop = async (): Promise<void> => {
    for (const stopOne of started.splice(0).reverse()) await stopOne()
  }

  try {
    const databaseUrl = configuration.databaseUrl ?? await startDatabase(configuration, print, started)
    const app = await buildServer(configuration, databaseUrl)
    started.push(() => app.close())
    const isEmbedded = configuration.databaseUrl === undefined
    const tell = isEmbedded ? print : (line: string): void => { app.log.info(line) }
    await app.ready()
    tell(`The tables in schema ${configuration.schema} are up to date.`)

    if (configuration.seedDemo) await seed(configuration, databaseUrl, tell)

    const { host, port } = configuration
    const origin = await app.listen({ host, port }).catch((error: unknown) => {
      throw new ConfigurationError(`cannot listen on HOST and PORT: ${messageOf(error)}`)
    })
    tell(`Listening on ${origin}`)
    if (configuration.seedDemo) printExample(`${origin}${configuration.prefix}`, print)
    if (isEmbedded) tell('Ctrl-C stops everything.')
    return { origin, tell, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startDatabase (
  { dataDirectory }: Configuration, print: (line: string) => void, started: Array<() => Promise<void>>
): Promise<string> {
  print(`Starting the embedded PostgreSQL in ${dataDirectory} (DATABASE_URL is not set; the first start takes longer).`)
  const postgres = await startEmbeddedPostgres(dataDirectory)
  started.push(postgres.stop)
  print(postgres.isNew ? 'PostgreSQL is running, with a new database.' : 'PostgreSQL is running, with the data of the last time.')
  return postgres.url
}

async function seed ({ schema }: Configuration, databaseUrl: string, tell: (line: string) => void): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  pool.on('error', () => {})
  try {
    const isLoaded = await loadDemoData(pool, schema)
    tell(isLoaded ? 'Demo data loaded.' : 'Demo data not loaded: the tables are in use already.')
  } finally {
    await pool.end()
  }
}

// Printed, never logged: it has a password.
function printExample (base: string, print: (line: string) => void): void {
  print('Add a number:')
  print(`  curl '${base}/numbers/system/create/?auth_username=user;auth_password=${DEMO_PASSWORD};start=2125550000;class=1;ingroup=2'`)
}
