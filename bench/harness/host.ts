import { Agent, request } from 'undici'
import type { HostCommand, HostReport } from '../processes/host.js'
import { nextMessage, startChild, stopChild } from './child.js'
import { SCHEMA } from './database.js'

// A load of a million may take longer than undici waits for headers.
const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

/** Connections in the pool of a host process, as pg has it by default. */
export const POOL_SIZE = 10

/** A Fastify server in a process of its own, with the plugin and the bare routes over one pool. */
export interface Host {
  readonly origin: string
  /** Begins to watch the memory of the process; the function returned ends that. */
  watchMemory: () => Promise<() => Promise<HostReport>>
  undo: (load: string) => Promise<HostReport>
  stop: () => Promise<void>
}

/** What a call came to. */
export interface Answer {
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
  const ask = async (command: HostCommand): Promise<HostReport> => {
    const reply = nextMessage<HostReport>(child)
    child.send(command)
    return refuseFailure(await reply)
  }
  const { origin } = await nextMessage<HostReport>(child)
  return {
    origin,
    watchMemory: async () => {
      await ask({ kind: 'watch' })
      return () => ask({ kind: 'report' })
    },
    undo: load => ask({ kind: 'undo', load }),
    stop: () => stopChild(child)
  }
}

function refuseFailure (report: HostReport): HostReport {
  if (report.failure !== undefined) throw new Error(`host process: ${report.failure}`)
  return report
}

/** Gets a path of a host and returns the body. */
export async function get (host: Host, path: string): Promise<string> {
  const { body } = await request(`${host.origin}${path}`, { dispatcher: agent })
  return await body.text()
}

/** Calls the function of a host, as the demo person. */
export async function create (host: Host, parameters: Record<string, string | number>): Promise<Answer> {
  const { responses, data } = JSON.parse(await get(host, pathOf(parameters))) as Envelope
  return { code: responses[0]?.code ?? '', count: data?.count ?? 0 }
}

/** Adds numbers, and fails where the host does not add exactly so many. */
export async function load (host: Host, first: number, count: number, more: Record<string, string | number> = {}): Promise<void> {
  const answer = await create(host, { ...REFERENCES, start: first, end: first + count - 1, ...more })
  if (answer.code !== '200' || answer.count !== count) throw new Error(`a load of ${count} came to ${JSON.stringify(answer)}`)
}

/** The four references of every row that the candidates insert. */
export const REFERENCES = { class: 1, ingroup: 2, customer: 3, region: 1 } as const

export function pathOf (parameters: Record<string, string | number>): string {
  const query = new URLSearchParams({ auth_username: 'user', auth_password: 'password' })
  for (const [name, value] of Object.entries(parameters)) query.set(name, String(value))
  return `/api/json/numbers/system/create?${query.toString()}`
}
