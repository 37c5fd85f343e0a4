// Run by startHost as a separate process: the built plugin, and the bare routes that it is compared with.
import fastify from 'fastify'
import telcoNumbers from 'fastify-telco-numbers'
import pg from 'pg'

export type HostCommand =
  | { readonly kind: 'sample memory' | 'report memory' | 'report' }
  | { readonly kind: 'undo', readonly load: string }

export interface HostReport {
  readonly origin: string
  /** Resident memory in bytes: before the samples, and the largest sample. */
  readonly before: number
  readonly peak: number
  /** Seconds of CPU time that the process has used. */
  readonly cpu: number
  /** The duration of the command. */
  readonly seconds: number
  readonly failure?: string
}

const MEMORY_INTERVAL_MS = 5

const schema = process.env.BENCH_SCHEMA ?? ''

const INSERT = `
  insert into ${schema}.baseline (number, class, ingroup, customer, region, stype, load) values ($1, $2, $3, $4, $5, $6, $7)`

const INSERT_RANGE = `
  insert into ${schema}.baseline (number, class, ingroup, customer, region, stype, load)
  select generate_series($1::bigint, $2)::text, $3, $4, $5, $6, $7, $8`

const SELECT = `
  select number, alias, class, ingroup, customer, region, stype, load from ${schema}.numbers where number = $1`

const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE_URL, max: Number(process.env.BENCH_POOL_SIZE) })
const app = fastify({ logger: { level: 'warn' } })
await app.register(telcoNumbers, { pool, schema, endpoints: ['create', 'get', 'list', 'update', 'delete', 'import'] })
app.get<{ Querystring: Record<string, string> }>('/bare/insert', async request => {
  const { number, class: numberClass, ingroup, customer, region } = request.query
  await pool.query(INSERT, [number, numberClass, ingroup, customer, region, 'number', 1])
  return { count: 1 }
})
app.get<{ Querystring: Record<string, string> }>('/bare/insert-range', async request => {
  const { start, end, class: numberClass, ingroup, customer, region } = request.query
  const { rowCount } = await pool.query(INSERT_RANGE, [start, end, numberClass, ingroup, customer, region, 'number', 1])
  return { count: rowCount }
})
app.get<{ Querystring: Record<string, string> }>('/bare/get', async request => (
  (await pool.query<{ number: string }>(SELECT, [request.query.number])).rows[0]))
app.get('/bare/select', async () => (await pool.query<{ one: number }>('select 1 as one')).rows)

const origin = await app.listen({ host: '127.0.0.1', port: 0 })
let before = 0
let peak = 0
let sampling: NodeJS.Timeout | undefined

process.on('message', (command: HostCommand) => {
  void execute(command).then(seconds => { report({ seconds }) }, (error: unknown) => { report({ failure: String(error) }) })
})
process.once('disconnect', () => { void app.close().then(() => pool.end()).then(() => process.exit(0)) })
report({})

async function execute (command: HostCommand): Promise<number> {
  const begin = performance.now()
  if (command.kind === 'undo') await app.telcoNumbers.undo(command.load)
  if (command.kind === 'report memory') clearInterval(sampling)
  if (command.kind === 'sample memory') {
    globalThis.gc?.()
    before = peak = process.memoryUsage.rss()
    sampling = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()) }, MEMORY_INTERVAL_MS)
  }
  return (performance.now() - begin) / 1000
}

function report (more: Partial<HostReport>): void {
  const { user, system } = process.cpuUsage()
  process.send?.({ origin, before, peak, cpu: (user + system) / 1e6, seconds: 0, ...more })
}
