import { migrate as migrateSchema } from '../../migrations/migrate.js'
import type { Command } from '../command.js'

export const migrate: Command = {
  synopsis: '',
  summary: 'Bring the tables up to date.',
  operands: [],
  options: {},
  worksWithoutTables: true,
  async run ({ pool, schema }) {
    const applied = await migrateSchema(pool, schema)
    return {
      json: { schema, applied },
      lines: applied.length === 0
        ? [`Schema ${schema} is up to date.`]
        : applied.map(name => `Applied ${name} to schema ${schema}.`)
    }
  }
}
