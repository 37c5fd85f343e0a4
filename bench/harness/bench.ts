import type { Client } from 'pg'
import type { Generator } from './generator.js'
import type { Host } from './host.js'
import type { Result } from './result.js'

/** The extent of a run. */
export interface Scale {
  readonly isQuick: boolean
  readonly isLarge: boolean
  /** The count of numbers per load, in the rows that do not need a million. */
  readonly count: number
  /** The duration of one measurement of requests. */
  readonly seconds: number
}

/** What every row of the benchmark uses. */
export interface Bench {
  readonly scale: Scale
  readonly databaseUrl: string
  /** A plain connection, on which the baselines are measured. */
  readonly sql: Client
  readonly host: Host
  readonly generator: Generator
  log: (line: string) => void
}

/** One row of the table. */
export interface Row {
  readonly name: string
  readonly title: string
  readonly onlyLarge?: true
  measure: (bench: Bench) => Promise<Result>
}
