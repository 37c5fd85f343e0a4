import { setTimeout as sleep } from 'node:timers/promises'

const TIMEOUT_MS = 120_000

const INTERVAL_MS = 30

/** A condition did not hold in time. */
export class WaitTimeoutError extends Error {}

/** Waits until a condition holds. @throws WaitTimeoutError after two minutes */
export async function until (description: string | (() => string), condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + TIMEOUT_MS
  while (!await condition()) {
    if (performance.now() > end) throw new WaitTimeoutError(`${typeof description === 'string' ? description : description()}: not within ${TIMEOUT_MS / 1000} s`)
    await sleep(INTERVAL_MS)
  }
}
