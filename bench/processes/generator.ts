// Run by startGenerator as a separate process.
import { Client } from 'undici'

interface BeginCommand {
  readonly kind: 'begin'
  readonly origin: string
  readonly path: string
  readonly connections: number
  /** How many numbers each request is for. */
  readonly count: number
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

async function generate ({ origin, path, connections, count }: BeginCommand): Promise<void> {
  const latencies: number[] = []
  const failures: string[] = []
  let isRunning = true
  end = () => { isRunning = false }

  const begin = performance.now()
  await Promise.all(Array.from({ length: connections }, async () => {
    const client = new Client(origin)
    while (isRunning) {
      const sent = performance.now()
      const first = number
      number += count
      const end = count === 1 ? '' : `&end=${first + count - 1}`
      const { statusCode, body } = await client.request({ method: 'GET', path: `${path}${first}${end}` })
      const text = await body.text()
      latencies.push(performance.now() - sent)
      if (statusCode !== 200) failures.push(text)
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
