import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../lib/server/embedded-postgres.js'
import { alternate, seconds, type Candidate } from '../harness/alternate.js'
import type { Row } from '../harness/bench.js'
import { makeSchema, reset } from '../harness/database.js'
import { load, startHost } from '../harness/host.js'
import { ratioOf } from '../harness/result.js'
import { FIRST } from './million.js'

const COUNT = 1_000_000
const LOADS = 3
const FIRST_ALIAS = 7_000_000_000

const DEFAULTS = 'PostgreSQL defaults'
const CANDIDATES: ReadonlyArray<readonly string[]> = [
  // The setting of docker-compose.yml.
  ['wal_buffers=64MB'],
  ['shared_buffers=256MB'],
  ['max_wal_size=4GB', 'checkpoint_timeout=15min'],
  ['wal_compression=pglz']
]

const nameOf = (given: readonly string[]): string => given.join() || DEFAULTS

export const settings: Row = {
  name: 'settings',
  title: 'Settings of PostgreSQL',
  onlyLarge: true,
  measure: async () => {
    const started: Array<() => Promise<void>> = []
    try {
      const candidates: Candidate[] = []
      for (const given of [[], ...CANDIDATES]) candidates.push(await startCandidate(given, started))
      const samples = await alternate(candidates, 3)
      return {
        samples,
        verdicts: CANDIDATES.map(nameOf).map(name => ({
          figure: `${name} / ${DEFAULTS}`, value: ratioOf(samples, name, DEFAULTS), unit: '', isBetter: 'lower'
        })),
        notes: [`${LOADS} loads of ${COUNT} numbers with aliases, into empty tables of an embedded PostgreSQL with no other setting.`]
      }
    } finally {
      for (const stop of started.reverse()) await stop()
    }
  }
}

/** Starts a PostgreSQL with these settings, and a host that uses it. */
async function startCandidate (given: readonly string[], started: Array<() => Promise<void>>): Promise<Candidate> {
  const directory = join(tmpdir(), `fastify-telco-numbers-bench-${process.pid}-${started.length}`)
  started.push(() => rm(directory, { recursive: true, force: true }))
  const postgres = await startEmbeddedPostgres(directory, given)
  started.push(postgres.stop)
  await makeSchema(postgres.url)
  const sql = new pg.Client(postgres.url)
  await sql.connect()
  started.push(() => sql.end())
  const host = await startHost(postgres.url)
  started.push(host.stop)
  return {
    name: nameOf(given),
    prepare: () => reset(sql),
    run: () => seconds(async () => {
      for (let nth = 0; nth < LOADS; nth++) await load(host, FIRST + nth * COUNT, COUNT, { alias: FIRST_ALIAS + nth * COUNT })
    })
  }
}
