import { Writable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import pg from 'pg'
import telcoNumbers from '../../../lib/index.js'
import { ENDPOINT_NAMES } from '../model/contract.js'
import { MARKER } from '../model/demo-data.js'

/** The settings of a server process. */
export interface HostSettings {
  readonly databaseUrl: string
  /** Each schema has its own server and port. All servers share one pool. */
  readonly schemas: readonly string[]
}

/** The state of a server process between requests. */
export interface Health {
  readonly ports: readonly number[]
  /** In bytes, after a garbage collection. */
  readonly memory: number
  /** The count of acquired connections, and of calls that wait for one. */
  readonly inUse: number
  readonly waiting: number
  /** Uncaught rejections and exceptions, the first few. */
  readonly uncaught: readonly string[]
  /** Log lines that contain a credential, the first few. */
  readonly leakingLines: readonly string[]
  /** The count of all log lines. */
  readonly lineCount: number
}

/** Makes a server break the contract. It is called before the plugin is registered. */
export type Mutate = (app: FastifyInstance, lane: number, pool: pg.Pool, schema: string) => void

/** Returns whether a server uses `always-200`, as every second one does. */
export function isAlwaysOk (lane: number): boolean {
  return lane % 2 === 1
}

/** The person who undoes loads and changes. */
export const UNDOING_PERSON = 'fuzz'

/** The maximum of reported examples per kind. */
const MAX_EXAMPLES = 5

/** Runs the servers of a process that `startHost` has started, until the parent disconnects. */
export async function runHost (mutate?: Mutate): Promise<void> {
  const { databaseUrl, schemas } = JSON.parse(process.env.FUZZ_SETTINGS ?? '') as HostSettings
  const uncaught: string[] = []
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      if (uncaught.length < MAX_EXAMPLES) uncaught.push(`${event}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`)
    })
  }
  const leakingLines: string[] = []
  let lineCount = 0
  const log = new Writable({
    write (line: Buffer, _encoding, done) {
      lineCount++
      if (leakingLines.length < MAX_EXAMPLES && containsCredential(line.toString())) leakingLines.push(line.toString())
      done()
    }
  })

  const pool = new pg.Pool({ connectionString: databaseUrl })
  // Every server adds listeners to the pool.
  pool.setMaxListeners(0)
  const apps: FastifyInstance[] = []
  for (const [lane, schema] of schemas.entries()) {
    const app = buildHost(log)
    mutate?.(app, lane, pool, schema)
    await app.register(telcoNumbers, {
      pool, schema, endpoints: [...ENDPOINT_NAMES], loginThrottle: false, httpStatus: isAlwaysOk(lane) ? 'always-200' : 'code'
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    apps.push(app)
  }
  const ports = apps.map(app => Number(new URL(app.listeningOrigin).port))

  const report = (): void => {
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    process.send?.({
      ports,
      memory: heapUsed + external,
      inUse: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
      uncaught,
      leakingLines,
      lineCount
    } satisfies Health)
  }
  process.on('message', report)
  // The parent has already seen the requests that still hang.
  process.once('disconnect', () => process.exit(0))
  report()
}

function containsCredential (line: string): boolean {
  return line.includes(MARKER)
}

function buildHost (log: Writable): FastifyInstance {
  const app = fastify({
    logger: {
      level: 'trace',
      stream: log,
      serializers: { req: ({ method, url }) => ({ method, url: isOfHostApplication(url) ? 'of the host application' : url }) }
    },
    forceCloseConnections: true,
    // As the documentation advises: Fastify's own handlers log requests that cannot be read, with their credentials.
    clientErrorHandler: (_error, socket) => { socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n') },
    frameworkErrors: (_error, _request, reply: FastifyReply) => { void replyOfHostApplication(reply) }
  })
  app.setNotFoundHandler((_request, reply) => replyOfHostApplication(reply))
  // Loads and changes that are undone together.
  app.post<{ Querystring: { ids: string, dryRun?: string } }>('/undo', async ({ query }) => {
    const [first = '', ...others] = query.ids.split(',')
    return await app.telcoNumbers.undo(first, { person: UNDOING_PERSON, with: others, dryRun: query.dryRun === '1' })
  })
  return app
}

function replyOfHostApplication (reply: FastifyReply): FastifyReply {
  return reply.code(404).send({})
}

/** Returns whether a path is not the plugin's: the plugin is not responsible for what the host application logs of it. */
function isOfHostApplication (url: string): boolean {
  return !/^[/]api[/]json[/]numbers[/]system[/](?:create|get|list|update|delete)(?:[/][^?%]*)?(?:\?|$)/.test(url)
}
