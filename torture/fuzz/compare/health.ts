import type { Health } from '../server/host.js'

/** The allowed growth of caches, statistics and compiled code. */
const MAX_GROWTH_BYTES = 48 * 2 ** 20

/** Returns the violations of a server process that has no request in flight. */
export function findHealthViolations (before: Health, { memory, inUse, waiting, uncaught, leakingLines }: Health): string[] {
  return [
    ...uncaught.map(text => `the server process did not catch ${text}`),
    ...leakingLines.map(line => `the log contains a credential: ${line}`),
    ...inUse > 0 || waiting > 0 ? [`${inUse} connections are in use and ${waiting} calls wait for one, without a request in flight`] : [],
    ...memory > before.memory + MAX_GROWTH_BYTES
      ? [`memory has grown from ${megabytes(before.memory)} to ${megabytes(memory)} MB`]
      : []
  ]
}

function megabytes (bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
