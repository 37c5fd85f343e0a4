import { once } from 'node:events'
import { createServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { messageOf } from '../errors.js'
import { ConfigurationError } from '../config/configuration-error.js'
import type { Configuration } from '../config/configuration.js'
import { DEMO_PASSWORD } from './demo-data.js'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js'
import { seed } from './seed.js'
import { buildServer } from './server.js'

/** A running stand-alone server. */
export interface RunningServer {
  /** URL that it listens on, without a path. */
  readonly origin: string
  /** Reports an event: prints it if PostgreSQL is embedded, otherwise logs it. */
  report: (line: string) => void
  /** Resolves when the embedded PostgreSQL has ended; never with another one, which may come back. */
  readonly databaseEnded: Promise<void>
  stop: () => Promise<void>
}

/** Starts the server and, without a database URL, the embedded PostgreSQL. `print` prints a line for the operator. */
export async function start (configuration: Configuration, print: (line: string) => void): Promise<RunningServer> {
  // Functions that stop the started parts, called in reverse order.
  const started: Array<() => Promise<void>> = []
  const stop = async (): Promise<void> => {
    for (const stopOne of started.splice(0).reverse()) await stopOne()
  }

  try {
    await assertCanListen(configuration)
    const { url: databaseUrl, ended: databaseEnded } = configuration.databaseUrl === undefined
      ? await startDatabase(configuration, print, started)
      : { url: configuration.databaseUrl, ended: new Promise<void>(() => {}) }
    const app = await buildServer(configuration, databaseUrl)
    started.push(() => app.close())
    const isEmbedded = configuration.databaseUrl === undefined
    const report = isEmbedded ? print : (line: string): void => { app.log.info(line) }
    await app.ready()
    report(`The tables in schema ${configuration.schema} are up to date.`)
    await seed(configuration, databaseUrl, report, print)

    const origin = await listen(app, configuration)
    if (isEmbedded) printInstructions(app, configuration, origin, print)
    return { origin, report, databaseEnded, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startDatabase (
  { dataDirectory }: Configuration, print: (line: string) => void, started: Array<() => Promise<void>>
): Promise<EmbeddedPostgres> {
  print(`Starting the embedded PostgreSQL in ${dataDirectory} (DATABASE_URL is not set; the first start takes longer).`)
  const postgres = await startEmbeddedPostgres(dataDirectory)
  started.push(postgres.stop)
  print(postgres.isNew ? 'PostgreSQL is running, with a new database.' : 'PostgreSQL is running, with the existing data.')
  return postgres
}

/** Fails before a database is created or changed, if the port is taken already. */
async function assertCanListen ({ host, port }: Configuration): Promise<void> {
  const server = createServer().listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw cannotListen(error)
  }
  server.close()
  await once(server, 'close')
}

async function listen (app: FastifyInstance, { host, port }: Configuration): Promise<string> {
  try {
    return await app.listen({ host, port, listenTextResolver: address => `Listening on ${address}` })
  } catch (error) {
    throw cannotListen(error)
  }
}

function cannotListen (error: unknown): Error {
  return new ConfigurationError(`cannot listen on HOST and PORT: ${messageOf(error)}`)
}

/** Prints the next steps for the operator. They contain a password, so they are never logged. */
function printInstructions (
  app: FastifyInstance, { prefix, seedDemo }: Configuration, origin: string, print: (line: string) => void
): void {
  print(`Listening on ${origin}`)
  if (app.hasDecorator('swagger')) print(`API documentation: ${origin}/documentation`)
  if (seedDemo) {
    print('Add a number:')
    print(`  curl '${origin}${prefix}/numbers/system/create/?auth_username=user;auth_password=${DEMO_PASSWORD};start=2125550000;class=1;ingroup=2'`)
  }
  print('Ctrl-C stops the server and PostgreSQL.')
}
