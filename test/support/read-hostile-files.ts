// Run by hostile-files.test.ts as a separate process, whose memory is only what reading takes.
import { Value } from '@sinclair/typebox/value'
import { readFile } from '../../lib/import/read-file.js'
import { ImportRequest } from '../../lib/parameters/import.js'
import { HOSTILE_FILES, LINE_FEEDS, REPEATED } from './hostile-files.js'

/** What the process has found of a file, and the most memory it has had so far, beyond that of its beginning. */
export interface HostileReading {
  readonly name: string
  readonly message: string
  readonly bytes: number
}

const request = Value.Parse(ImportRequest, { class: 1, ingroup: 1 })
const LIMITS = { maxRange: 1_000_000, maxIssues: 100 }
const before = process.memoryUsage().rss

for (const { name, make } of [...HOSTILE_FILES, LINE_FEEDS, REPEATED]) {
  const { issues } = await readFile(make(), request, LIMITS)
  const bytes = process.resourceUsage().maxRSS * 1_024 - before
  process.send?.({ name, message: issues.list()[0]?.message ?? '', bytes } satisfies HostileReading)
}
process.disconnect()
