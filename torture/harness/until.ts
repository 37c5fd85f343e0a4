import { setTimeout as sleep } from 'node:timers/promises'

/** Seconds after which something that should come by itself is given up. */
const PATIENCE = 120

/** What should have come by itself has not. */
export class NeverHappened extends Error {}

/** Waits until a condition holds. @throws NeverHappened after two minutes */
export async function until (what: string | (() => string), condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE * 1000
  while (!await condition()) {
    if (performance.now() > end) throw new NeverHappened(`${typeof what === 'string' ? what : what()}: not within ${PATIENCE} s`)
    await sleep(30)
  }
}
