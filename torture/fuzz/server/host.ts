import { Writable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import pg from 'pg'
import telcoNumbers from '../../../lib/index.js'
import { MARKER } from '../model/demo-data.js'

/** What a server process is started with. */
export interface HostSettings {
  readonly databaseUrl: string
  /** One server each, in a port of its own, over one pool. */
  readonly schemas: readonly string[]
}

/** How a server process is, between requests. */
export interface Health {
  readonly ports: readonly number[]
  /** Bytes, after a collection of garbage. */
  readonly memory: number
  /** Connections of the pool that are lent, and calls that wait for one. */
  readonly lent: number
  readonly waiting: number
  /** Rejections and exceptions that nobody has caught, at most a few. */
  readonly uncaught: readonly string[]
  /** Lines of the log in which a credential stands, at most a few. */
  readonly revealing: readonly string[]
  /** How many lines were logged at all. */
  readonly lines: number
}

/** Spoils a server before the plugin is registered, to see whether it is noticed. */
export type Sabotage = (app: FastifyInstance, lane: number, pool: pg.Pool, schema: string) => void

/** Every other server says HTTP 200 whatever the code is. */
export function isAlwaysOk (lane: number): boolean {
  return lane % 2 === 1
}

/** How many of each kind are told. */
const MOST_TOLD = 5

/** Runs the servers of a process that was started by `startHost`, until its parent lets go of it. */
export async function runHost (sabotage?: Sabotage): Promise<void> {
  const { databaseUrl, schemas } = JSON.parse(process.env.FUZZ_SETTINGS ?? '') as HostSettings
  const uncaught: string[] = []
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      if (uncaught.length < MOST_TOLD) uncaught.push(`${event}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`)
    })
  }
  const revealing: string[] = []
  let lines = 0
  const log = new Writable({
    write (line: Buffer, _encoding, done) {
      lines++
      if (revealing.length < MOST_TOLD && reveals(line.toString())) revealing.push(line.toString())
      done()
    }
  })

  const pool = new pg.Pool({ connectionString: databaseUrl })
  // Every server listens to it.
  pool.setMaxListeners(0)
  const apps: FastifyInstance[] = []
  for (const [lane, schema] of schemas.entries()) {
    const app = buildHost(log)
    sabotage?.(app, lane, pool, schema)
    await app.register(telcoNumbers, { pool, schema, loginThrottle: false, httpStatus: isAlwaysOk(lane) ? 'always-200' : 'code' })
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
      lent: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
      uncaught,
      revealing,
      lines
    } satisfies Health)
  }
  process.on('message', report)
  // Whatever hangs by then, the parent has seen.
  process.once('disconnect', () => process.exit(0))
  report()
}

function reveals (line: string): boolean {
  return line.includes(MARKER)
}

function buildHost (log: Writable): FastifyInstance {
  const app = fastify({
    logger: {
      level: 'trace',
      stream: log,
      serializers: { req: ({ method, url }) => ({ method, url: isOfHost(url) ? 'of the host' : url }) }
    },
    forceCloseConnections: true,
    // As README advises: Fastify's own handlers log what could not be read.
    clientErrorHandler: (_error, socket) => { socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n') },
    frameworkErrors: (_error, _request, reply: FastifyReply) => { void replyOfHost(reply) }
  })
  app.setNotFoundHandler((_request, reply) => replyOfHost(reply))
  return app
}

function replyOfHost (reply: FastifyReply): FastifyReply {
  return reply.code(404).send({})
}

/** What a host logs of its own paths is not the plugin's. */
function isOfHost (url: string): boolean {
  return !/^[/]api[/]json[/]numbers[/]system[/]create(?:[/][^?%]*)?(?:\?|$)/.test(url)
}
