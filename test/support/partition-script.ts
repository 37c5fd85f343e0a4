import { readFile } from 'node:fs/promises'
import { inSchema } from '../../lib/database/statement.js'

/** Returns the script that an operator runs with psql to partition the numbers of a schema. */
export async function partitionScript (schema: string): Promise<string> {
  return inSchema(schema, await readFile('lib/sql/partition-numbers.sql', 'utf8'))
}
