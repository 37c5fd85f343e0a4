import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { Configuration } from '../config/configuration.js'
import { loadDemoData } from './demo-data.js'
import { addInitialAdmin } from './initial-admin.js'

/**
 * Fills new tables: with demo data where the configuration asks for it, and with somebody who may call the function.
 * `tell` may go to a log; `print` does not, and so gets the password that was made up.
 */
export async function seed (
  { schema, seedDemo, admin }: Configuration, databaseUrl: string, tell: (line: string) => void, print: (line: string) => void
): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  pool.on('error', () => {})
  try {
    if (seedDemo) {
      const isLoaded = await loadDemoData(pool, schema)
      tell(isLoaded ? 'Demo data loaded.' : 'Demo data not loaded: the tables are in use already.')
    }
    const { username, password = randomBytes(18).toString('base64url') } = admin
    if (!await addInitialAdmin(pool, schema, username, password)) return
    tell(`There was nobody who may log in: ${username} was added, who may do everything.`)
    if (admin.password === undefined) print(`Username ${username}, password ${password} (told this once)`)
  } finally {
    await pool.end()
  }
}
