// Run by startGenerator as a separate process.
import { Client } from 'undici'

interface BeginCommand {
  readonly kind: 'begin'
  readonly origin: string
  readonly path: string
  readonly connections: number
  /** Count of the numbers of each request. */
  readonly count: number
  /** Numbers that exist, of which each request is for one. */
  readonly among?: { readonly first: number, readonly count: number } | undefined
}

export type GeneratorCommand = BeginCommand | { readonly kind: 'end' }

export interface GeneratorReport {
  readonly requests: number
  readonly seconds: number
  /** In milliseconds. */
  readonly latencies: readonly number[]
  readonly failures: number
  readonly firstFailure: string
}

let number = 6_000_000_000
let end = (): void => {}

process.on('message', (command: GeneratorCommand) => {
  if (command.kind === 'end') end()
  else void generate(command)
})
process.once('disconnect', () => process.exit(0))

/** Coprime to the counts of numbers, so that requests go to all of them, and not to neighbours. */
const STRIDE = 7_919

async function generate ({ origin, path, connections, count, among }: BeginCommand): Promise<void> {
  const latencies: number[] = []
  const failures: string[] = []
  let isRunning = true
  end = () => { isRunning = false }

  const begin = performance.now()
  await Promise.all(Array.from({ length: connections }, async () => {
    const client = new Client(origin)
    while (isRunning) {
      const sent = performance.now()
      const first = among === undefined ? number : among.first + latencies.length * STRIDE % among.count
      if (among === undefined) number += count
      const end = count === 1 ? '' : `&end=${first + count - 1}`
      const { status, body } = await get(client, `${path}${first}${end}`)
      latencies.push(performance.now() - sent)
      if (status !== 200) failures.push(Buffer.concat(body).toString())
    }
    await client.close()
  }))
  const report: GeneratorReport = {
    requests: latencies.length,
    seconds: (performance.now() - begin) / 1000,
    latencies,
    failures: failures.length,
    firstFailure: failures[0] ?? ''
  }
  process.send?.(report)
}

interface Reply {
  readonly status: number
  readonly body: readonly Buffer[]
}

/** As `client.request`, which takes a third longer, because its body is a stream. The generator shares the processors. */
async function get (client: Client, path: string): Promise<Reply> {
  return await new Promise((resolve, reject) => {
    const body: Buffer[] = []
    let status = 0
    client.dispatch({ method: 'GET', path }, {
      // Without it, undici expects the methods of its old interface.
      onRequestStart: () => {},
      onResponseStart: (_controller, statusCode) => { status = statusCode },
      onResponseData: (_controller, chunk) => { body.push(chunk) },
      onResponseEnd: () => { resolve({ status, body }) },
      onResponseError: (_controller, error) => { reject(error) }
    })
  })
}
