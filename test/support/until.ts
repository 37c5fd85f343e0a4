import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until a condition holds, for two minutes at most. */
export async function until (condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 6000; attempt++) {
    if (await condition()) return
    await sleep(20)
  }
  throw new Error('the condition of the test does not become true')
}
