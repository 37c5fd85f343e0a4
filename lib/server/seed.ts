import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { Configuration } from '../config/configuration.js'
import { seedDemoData } from './demo-data.js'
import { addInitialAdmin } from './initial-admin.js'

/**
 * Fills new tables with the initial admin and, if the configuration has `seedDemo`, with demo data. `report` may write to a
 * log. `print` must not, because it gets a generated password.
 */
export async function seed (
  { schema, seedDemo, admin }: Configuration, databaseUrl: string, report: (line: string) => void, print: (line: string) => void
): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  pool.on('error', () => {})
  try {
    if (seedDemo) {
      const isAdded = await seedDemoData(pool, schema)
      report(isAdded ? 'Demo data added.' : 'Demo data not added: the tables are in use.')
    }
    const { username, password = randomBytes(18).toString('base64url') } = admin
    if (!await addInitialAdmin(pool, schema, username, password)) return
    report(`Added the initial admin ${username}, because the table people was empty.`)
    if (admin.password === undefined) print(`Username ${username}, password ${password} (shown only once)`)
  } finally {
    await pool.end()
  }
}
