import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Health, HostSettings } from './host.js'
import { extname } from 'node:path'

const HOST_PROCESS = fileURLToPath(new URL(`process${extname(import.meta.url)}`, import.meta.url))

/** The servers that are fuzzed, in a separate process. */
export interface Host {
  health: () => Promise<Health>
  stop: () => Promise<void>
}

/** Starts the servers. `file` must call `runHost`. */
export async function startHost (settings: HostSettings, file = HOST_PROCESS): Promise<Host> {
  const child = fork(file, {
    execArgv: [...process.execArgv, '--expose-gc'],
    env: { ...process.env, FUZZ_SETTINGS: JSON.stringify(settings) }
  })
  const ended = once(child, 'exit')
  const next = async (): Promise<Health> => {
    const settled = new AbortController()
    try {
      return await Promise.race([
        once(child, 'message', settled).then(([health]) => health as Health),
        ended.then(([code, signal]) => { throw new Error(`the server process ended with ${String(code ?? signal)}`) })
      ])
    } finally {
      settled.abort()
    }
  }
  await next()
  return {
    health: async () => {
      const health = next()
      child.send('health')
      return await health
    },
    stop: async () => {
      if (child.connected) child.disconnect()
      await ended
    }
  }
}
