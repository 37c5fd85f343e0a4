import type { Client } from 'pg'
import type { Generator } from './generator.js'
import type { Host } from './host.js'
import type { Result } from './result.js'

/** How much a run measures. */
export interface Scale {
  readonly isQuick: boolean
  readonly isLarge: boolean
  /** Numbers in a load of the rows that need not be a million. */
  readonly count: number
  /** Seconds of one measurement of requests. */
  readonly seconds: number
}

/** What every row of the benchmark works with. */
export interface Bench {
  readonly scale: Scale
  readonly databaseUrl: string
  /** A plain connection, the one that the floors are measured on. */
  readonly sql: Client
  readonly host: Host
  readonly generator: Generator
  tell: (line: string) => void
}

/** One row of the table. */
export interface Row {
  readonly name: string
  readonly title: string
  readonly onlyLarge?: true
  measure: (bench: Bench) => Promise<Result>
}
