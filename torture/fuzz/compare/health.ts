import type { Health } from '../server/host.js'

/** Bytes; what caches, statistics and compiled code may grow by. */
const GROWTH = 48 * 2 ** 20

/** What is wrong with a server process that has nothing to do. */
export function findHealthFaults (before: Health, { memory, lent, waiting, uncaught, revealing }: Health): string[] {
  return [
    ...uncaught.map(text => `the server process has not caught ${text}`),
    ...revealing.map(line => `a credential stands in the log: ${line}`),
    ...lent > 0 || waiting > 0 ? [`${lent} connections are lent and ${waiting} calls wait for one, though nothing runs`] : [],
    ...memory > before.memory + GROWTH
      ? [`memory has grown from ${megabytes(before.memory)} to ${megabytes(memory)} MB`]
      : []
  ]
}

function megabytes (bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
