import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import type { ClientBase, Pool } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { migrate } from '../migrate.js'
import { ConfigurationError } from '../config/configuration-error.js'

interface SourceTable {
  readonly name: string
  readonly isPartitioned: boolean
}

/** A copied table, and the number of its rows. */
export interface CopiedTable {
  readonly name: string
  readonly count: number
}

// Every table follows those that it refers to. `numbers` is the last, because its references are not foreign keys. It may be
// partitioned: then it is copied as one table, and triggers fill number_aliases if the target is partitioned, too.
const TABLES = `
  with recursive referring (id, depth) as (
    select pg_class.oid, 0 from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = $1 and relkind in ('r', 'p') and not relispartition
      and relname not in ('telco_numbers_migrations', 'number_aliases')
    union
    select conrelid, depth + 1 from referring join pg_constraint on confrelid = id and conrelid <> confrelid and contype = 'f'
  )
  select relname as name, relkind = 'p' as "isPartitioned"
  from referring join pg_class on pg_class.oid = id
  group by relname, relkind
  order by relname = 'numbers', max(depth), relname`

const SEQUENCES = 'select sequencename as name, last_value::text as value from pg_sequences where schemaname = $1'

// As pg_dump does: values are written and read as text in the same style, whatever the styles of the databases are.
const STYLES = `set datestyle = 'ISO'; set intervalstyle = 'postgres'; set extra_float_digits = 3; set lc_monetary = 'C'`

/**
 * Copies the rows of all tables of a schema to the same schema of another database, in one transaction. The tables of the
 * target must be empty.
 */
export async function copyData (source: Pool, target: Pool, schema: string): Promise<CopiedTable[]> {
  for (const pool of [source, target]) await migrate(pool, schema)
  const [reader, writer] = [await source.connect(), await target.connect()]
  // Without a listener, a connection that is lost, or closed because its server stops, would end the process.
  const ignore = (): void => {}
  for (const pool of [source, target]) pool.on('error', ignore)
  for (const client of [reader, writer]) client.on('error', ignore)
  try {
    for (const client of [reader, writer]) await client.query(STYLES)
    await writer.query('begin')
    const copied: CopiedTable[] = []
    for (const table of (await reader.query<SourceTable>(TABLES, [schema])).rows) {
      copied.push({ name: table.name, count: await copyTable(reader, writer, schema, table) })
    }
    // An unused sequence has no value.
    for (const { name, value } of (await reader.query<{ name: string, value: string | null }>(SEQUENCES, [schema])).rows) {
      if (value !== null) await writer.query('select setval($1, $2)', [qualified(schema, name), value])
    }
    await writer.query('commit')
    return copied
  } finally {
    // After an error, closing the connection rolls the transaction back.
    writer.release(true)
    reader.release(true)
  }
}

async function copyTable (
  reader: ClientBase, writer: ClientBase, schema: string, { name, isPartitioned }: SourceTable
): Promise<number> {
  const table = qualified(schema, name)
  if ((await writer.query(`select from ${table} limit 1`)).rows.length > 0) {
    throw new ConfigurationError(`the table ${name} in schema ${schema} of DATABASE_URL is not empty: copy into empty tables`)
  }
  const rows = writer.query(copyFrom(`copy ${table} from stdin`))
  await pipeline(reader.query(copyTo(`copy ${isPartitioned ? `(select * from ${table})` : table} to stdout`)), rows)
  return rows.rowCount
}

function qualified (schema: string, name: string): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`
}
