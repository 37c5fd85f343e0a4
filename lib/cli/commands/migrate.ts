import { migrate as migrateSchema, scriptMigrations } from '../../migrate.js'
import type { DatabaseCommand } from '../command.js'

export const migrate: DatabaseCommand = {
  synopsis: '[--dry-run]',
  summary: 'Bring the tables up to date.',
  details: `With --dry-run it prints the SQL for an administrator to run, in one transaction, with psql or any other client:
  fastify-telco-numbers migrate --dry-run > migrate.sql
  psql --set ON_ERROR_STOP=1 --file migrate.sql`,
  operands: [],
  options: { 'dry-run': { type: 'boolean', help: 'Print the SQL that would be run, and change nothing.' } },
  worksWithoutTables: true,
  async run ({ database: { pool, schema }, interruptible }, { options }) {
    if (options['dry-run'] === true) {
      const { pending, sql } = await scriptMigrations(pool, schema)
      return { json: { schema, pending, sql }, lines: [sql] }
    }
    const applied = await interruptible('Bringing the tables up to date', () => migrateSchema(pool, schema))
    return {
      json: { schema, applied },
      lines: applied.length === 0
        ? [`Schema ${schema} is up to date.`]
        : applied.map(name => `Applied ${name} to schema ${schema}.`)
    }
  }
}
