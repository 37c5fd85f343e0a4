import { migrate as migrateSchema, scriptMigrations } from '../../migrate.js'
import type { DatabaseCommand } from '../command.js'

export const migrate: DatabaseCommand = {
  synopsis: '[--dry-run]',
  summary: 'Update the tables to the version of this package.',
  details: `With --dry-run, it prints the SQL as one transaction, for an administrator to run with psql or any other client:
  fastify-telco-numbers migrate --dry-run > migrate.sql
  psql --set ON_ERROR_STOP=1 --file migrate.sql`,
  operands: [],
  options: { 'dry-run': { type: 'boolean', help: 'Print the SQL and change nothing.' } },
  worksWithoutTables: true,
  role: 'owner',
  async run ({ database: { pool, schema }, interruptible }, { options }) {
    if (options['dry-run'] === true) {
      const { pending, sql } = await scriptMigrations(pool, schema)
      return { json: { schema, pending, sql }, lines: [sql] }
    }
    const applied = await interruptible('Updating the tables', () => migrateSchema(pool, schema))
    return {
      json: { schema, applied },
      lines: applied.length === 0
        ? [`Schema ${schema} is up to date.`]
        : applied.map(name => `Applied ${name} to schema ${schema}.`)
    }
  }
}
