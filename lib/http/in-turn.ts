import { setImmediate as nextTurn } from 'node:timers/promises'

let last: Promise<unknown> = Promise.resolve()

/** Runs tasks that keep the process busy for a moment one after the other, with other work in between. */
export async function inTurn<Result> (task: () => Result): Promise<Result> {
  const own = last.then(async () => {
    await nextTurn()
    return task()
  })
  last = own.catch(() => {})
  return await own
}
