import pg from 'pg'

// To make a schema with demo data and to drop it takes ten times as long as to restore its rows. So the next test of the process
// gets the schema of the last one, unless that test has changed more than rows.
export interface WarmSchema {
  readonly name: string
  readonly asMade: SchemaState
  readonly demoRows: readonly TableRows[]
  /** Calls that set every sequence to the value that it had. */
  readonly setSequences: string
}

interface SchemaState {
  /** Differs if anything in the schema was created, altered, granted or dropped, or if another session is at work in it. */
  readonly fingerprint: string
  /** The tables that have rows, or had some. */
  readonly filled: readonly string[]
}

interface TableRows {
  readonly table: string
  readonly json: string
}

/** The columns by which PostgreSQL's descriptions refer to the schema, its tables and its functions. */
const DESCRIPTIONS = [
  'pg_namespace.oid', 'pg_proc.pronamespace', 'pg_type.typnamespace', 'pg_constraint.connamespace', 'pg_attribute.attrelid',
  'pg_attrdef.adrelid', 'pg_index.indrelid', 'pg_trigger.tgrelid', 'pg_rewrite.ev_class', 'pg_policy.polrelid', 'pg_sequence.seqrelid',
  'pg_statistic.starelid', 'pg_description.objoid', 'pg_depend.refobjid'
].map(column => {
  const catalog = column.replace(/\..*/, '')
  return `select '${catalog} ' || ${catalog}.xmin from ${catalog} join object on ${column} = object.id`
})

// A row that was changed has another xmin. The rows of pg_class also change if a table is emptied.
const STATE = `
  with relation as (select * from pg_class where relnamespace = to_regnamespace($1)),
  object (id) as (
    select to_regnamespace($1)::oid union all select oid from relation
    union all select oid from pg_proc where pronamespace = to_regnamespace($1)
  ),
  description (text) as (
    select concat_ws(' ', oid, relname, relowner, relacl, reloptions, relpersistence, relreplident, relrowsecurity, relforcerowsecurity, relispartition)
    from relation union all ${DESCRIPTIONS.join(' union all ')}
    union all select 'locked' from pg_locks join relation on relation = oid where pid <> pg_backend_pid()
    union all select 'used' from pg_stat_activity where state <> 'idle' and pid <> pg_backend_pid() and strpos(query, $1) > 0
  )
  select md5(string_agg(text, ',' order by text)) as fingerprint,
    array(select relname::text from relation where relkind = 'r' and pg_relation_size(oid) > 0 order by 1) as filled
  from description`

const SEQUENCES = `
  select string_agg(format('setval(%L, %s, %L)', $1 || '.' || sequencename, coalesce(last_value, start_value), last_value is not null), ', ')
    as calls
  from pg_sequences where schemaname = $1`

const warm: WarmSchema[] = []

/** Returns a schema of an earlier test, if there is one. */
export function takeSchema (): WarmSchema | undefined {
  return warm.pop()
}

/** Describes a schema whose demo data have just been written. */
export async function describeSchema (pool: pg.Pool, name: string): Promise<WarmSchema> {
  const asMade = await stateOf(pool, name)
  const { rows: [sequences] } = await pool.query<{ calls: string }>(SEQUENCES, [name])
  return { name, asMade, demoRows: await rowsOf(pool, name, asMade.filled), setSequences: String(sequences?.calls) }
}

/** Restores the rows of a schema for the next test. Drops it if more than rows has changed. */
export async function keepOrDrop (pool: pg.Pool, schema: WarmSchema): Promise<void> {
  const { name, asMade, demoRows, setSequences } = schema
  const { fingerprint, filled } = await stateOf(pool, name)
  if (fingerprint !== asMade.fingerprint) {
    await dropSchema(pool, name)
    return
  }
  const rows = await rowsOf(pool, name, asMade.filled)
  const emptied = filled.filter(table => !asMade.filled.includes(table)).map(table => `${name}.${table}`)
  // Without the triggers, which refuse to truncate and check references.
  await pool.query([
    'begin', 'set local session_replication_role = replica', ...emptied.length === 0 ? [] : [`truncate ${emptied.join()} cascade`],
    ...demoRows.filter(({ json }, index) => json !== rows[index]?.json).map(({ table, json }) => `
      delete from ${name}.${table};
      insert into ${name}.${table} select * from jsonb_populate_recordset(null::${name}.${table}, ${pg.escapeLiteral(json)})`),
    `select ${setSequences}`, 'commit'
  ].join(';'))
  warm.push(schema)
}

/** Drops the schemas that no test needs any more. */
export async function dropKept (pool: pg.Pool): Promise<void> {
  for (const { name } of warm.splice(0)) await dropSchema(pool, name)
}

export async function dropSchema (pool: pg.Pool, name: string): Promise<void> {
  await pool.query(`set client_min_messages = warning; drop schema if exists ${name} cascade`)
}

async function stateOf (pool: pg.Pool, name: string): Promise<SchemaState> {
  const { rows: [state] } = await pool.query<SchemaState>(STATE, [name])
  if (state === undefined) throw new Error('PostgreSQL has returned no row for an aggregate')
  return state
}

async function rowsOf (pool: pg.Pool, name: string, tables: readonly string[]): Promise<TableRows[]> {
  return (await pool.query<TableRows>(tables.map(table => (
    `select '${table}' as table, coalesce(jsonb_agg(demo order by demo), '[]')::text as json from ${name}.${table} demo`
  )).join(' union all '))).rows
}
