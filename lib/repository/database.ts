import type { Pool } from 'pg'
import type { TimeLimits } from '../database/client.js'

/** Where the repository works: a pool, the plugin's schema in its database, and the limits for every statement. */
export interface Database {
  readonly pool: Pool
  readonly schema: string
  readonly limits: TimeLimits
}
