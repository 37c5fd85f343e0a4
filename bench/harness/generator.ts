import type { GeneratorCommand, LoadReport } from '../processes/generator.js'
import { nextMessage, startChild, stopChild } from './child.js'

/** Sends requests one after the other on each of several connections, from a process of its own. */
export interface Generator {
  /** Begins; the function returned ends it and tells what was answered. */
  begin: (origin: string, path: string, connections: number) => Promise<() => Promise<LoadReport>>
  stop: () => Promise<void>
}

/** Starts the generator. A path gets a number of ten digits appended that no other request had. */
export function startGenerator (): Generator {
  const child = startChild('generator.ts')
  const send = (command: GeneratorCommand): void => { child.send(command) }
  return {
    begin: async (origin, path, connections) => {
      send({ kind: 'begin', origin, path, connections })
      return async () => {
        const reply = nextMessage<LoadReport>(child)
        send({ kind: 'end' })
        const report = await reply
        if (report.failures > 0) throw new Error(`${report.failures} requests failed, the first with: ${report.firstFailure}`)
        return report
      }
    },
    stop: () => stopChild(child)
  }
}
