import { Agent, request } from 'undici'
import type { HostCommand, HostReport } from '../processes/host.js'
import { nextMessage, startChild, stopChild } from './child.js'
import { SCHEMA } from './database.js'

// A load of a million may take longer than undici waits for headers.
const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

/** The count of connections in the pool of a host process: the default of pg. */
export const POOL_SIZE = 10

/** A Fastify server in a separate process, with the plugin and the bare routes over one pool. */
export interface Host {
  readonly origin: string
  /** Starts to sample the memory of the process. The returned function stops it and returns the report. */
  sampleMemory: () => Promise<() => Promise<HostReport>>
  undo: (load: string) => Promise<HostReport>
  report: () => Promise<HostReport>
  stop: () => Promise<void>
}

/** The code and the count of a reply. */
export interface Reply {
  readonly code: string
  readonly count: number
}

interface Envelope {
  readonly responses: ReadonlyArray<{ readonly code: string }>
  readonly data?: { readonly count: number }
}

export async function startHost (databaseUrl: string, schema = SCHEMA): Promise<Host> {
  const child = startChild('host.ts', {
    execArgv: [...process.execArgv, '--expose-gc'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      BENCH_DATABASE_URL: databaseUrl,
      BENCH_SCHEMA: schema,
      BENCH_POOL_SIZE: String(POOL_SIZE)
    }
  })
  const send = async (command: HostCommand): Promise<HostReport> => {
    const reply = nextMessage<HostReport>(child)
    child.send(command)
    return throwIfFailed(await reply)
  }
  const { origin } = await nextMessage<HostReport>(child)
  return {
    origin,
    sampleMemory: async () => {
      await send({ kind: 'sample memory' })
      return () => send({ kind: 'report memory' })
    },
    undo: load => send({ kind: 'undo', load }),
    report: () => send({ kind: 'report' }),
    stop: () => stopChild(child)
  }
}

function throwIfFailed (report: HostReport): HostReport {
  if (report.failure !== undefined) throw new Error(`host process: ${report.failure}`)
  return report
}

/** Requests a path of a host and returns the body. */
export async function get (host: Host, path: string): Promise<string> {
  const { body } = await request(`${host.origin}${path}`, { dispatcher: agent })
  return await body.text()
}

/** Requests a path of a host, and returns the count of bytes of the body, none of which is kept. */
export async function drain (host: Host, path: string): Promise<number> {
  const { body } = await request(`${host.origin}${path}`, { dispatcher: agent })
  let bytes = 0
  for await (const part of body as AsyncIterable<Buffer>) bytes += part.length
  return bytes
}

/** Calls an endpoint of a host with the credentials of the demo person. */
export async function create (host: Host, parameters: Record<string, string | number>, endpoint = 'create'): Promise<Reply> {
  return replyOf(await get(host, pathOf(parameters, endpoint)))
}

function replyOf (body: string): Reply {
  const { responses, data } = JSON.parse(body) as Envelope
  return { code: responses[0]?.code ?? '', count: data?.count ?? 0 }
}

/** Adds numbers, and fails unless the host adds exactly this count. */
export async function load (host: Host, first: number, count: number, more: Record<string, string | number> = {}): Promise<void> {
  const reply = await create(host, { ...REFERENCES, start: first, end: first + count - 1, ...more })
  if (reply.code !== '200' || reply.count !== count) throw new Error(`a load of ${count} numbers returned ${JSON.stringify(reply)}`)
}

/** Imports a file that is the body of the request. */
export async function importFile (host: Host, csv: Uint8Array, defaults: Record<string, number>): Promise<Reply> {
  const { body } = await request(`${host.origin}${pathOf(defaults, 'import')}`, {
    method: 'POST', headers: { 'content-type': 'text/csv' }, body: csv, dispatcher: agent
  })
  return replyOf(await body.text())
}

/** The four references of every inserted row. */
export const REFERENCES = { class: 1, ingroup: 2, customer: 3, region: 1 } as const

export function pathOf (parameters: Record<string, string | number>, endpoint = 'create'): string {
  const query = new URLSearchParams({ auth_username: 'user', auth_password: 'password' })
  for (const [name, value] of Object.entries(parameters)) query.set(name, String(value))
  return `/api/json/numbers/system/${endpoint}?${query.toString()}`
}
