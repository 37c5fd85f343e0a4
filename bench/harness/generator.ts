import type { GeneratorCommand, GeneratorReport } from '../processes/generator.js'
import { nextMessage, startChild, stopChild } from './child.js'

/** Sends requests from a separate process, one after the other on each of several connections. */
export interface Generator {
  /** Starts sending. The returned function stops it and returns the report. */
  begin: (
    origin: string, path: string, connections: number, count?: number, among?: { readonly first: number, readonly count: number }
  ) => Promise<() => Promise<GeneratorReport>>
  stop: () => Promise<void>
}

/** Starts the generator. It appends a unique number of ten digits, or one of those in `among`, to the path of each request, and
 * an end if `count` is not 1. */
export function startGenerator (): Generator {
  const child = startChild('generator.ts')
  const send = (command: GeneratorCommand): void => { child.send(command) }
  return {
    begin: async (origin, path, connections, count = 1, among) => {
      send({ kind: 'begin', origin, path, connections, count, among })
      return async () => {
        const reply = nextMessage<GeneratorReport>(child)
        send({ kind: 'end' })
        const report = await reply
        if (report.failures > 0) throw new Error(`${report.failures} requests failed, the first with: ${report.firstFailure}`)
        return report
      }
    },
    stop: () => stopChild(child)
  }
}
