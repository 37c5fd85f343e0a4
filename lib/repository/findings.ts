import type { Query } from '../database/database.js'
import type { Finding } from '../errors.js'

const RELATIONS = `
  home as (select oid, nspname from pg_namespace where nspname = :schema::text),
  relation as (
    select pg_class.oid, relname, relkind, relforcerowsecurity, pg_class.oid::regclass as name
    from pg_class join home on relnamespace = home.oid where relkind in ('r', 'p', 'v', 'm', 'f')
  )`

const FIND_OBSTACLES = `
  with ${RELATIONS}
  select format('database %I must have the encoding UTF8, not %s', current_database(), getdatabaseencoding()) as message,
      'create another database: create database ... template template0 encoding ''UTF8''' as remedy
    where getdatabaseencoding() <> 'UTF8'
  union all
  select format('row level security hides rows of %s from %I or from its owner', name, current_user),
      format('alter table %s disable row level security, no force row level security', name)
    from relation where row_security_active(oid) or relforcerowsecurity
  union all
  select format('role %I may not use schema %I', current_user, nspname), 'fastify-telco-numbers grants, as the owner'
    from home where not has_schema_privilege(oid, 'usage')`

const FIND_FAULTS = `
  with ${RELATIONS}, partition (oid, name) as (
    select oid, name from relation where relname = 'numbers'
    union all
    select inhrelid, inhrelid::regclass from pg_inherits join relation on oid = inhparent and relname = 'numbers'
  ), plugin_trigger (tgrelid, tgname) as (
    select tgrelid, tgname from pg_trigger join pg_proc on pg_proc.oid = tgfoid join home on pronamespace = home.oid
    where tgenabled in ('O', 'A')
  )
  select format('function %s searches another schema, probably because %I was renamed or copied', pg_proc.oid::regprocedure, nspname) as message,
      format('alter function %s set search_path = %I, pg_temp', pg_proc.oid::regprocedure, nspname) as remedy
    from pg_proc join home on pronamespace = home.oid, unnest(proconfig) as setting
    where setting like 'search_path=%' and setting <> format('search_path=%I, pg_temp', nspname)
  union all
  select format('numbers can lose what they refer to as %s: a trigger numbers_%s_... is missing, disabled or of another schema', referring, referring),
      format('select %I.guard_references(%L, <table>, <its key>), after dropping what is left of the triggers', nspname, referring)
    from home, unnest('{class,ingroup,customer,region,load}'::text[]) as referring
    where (
      select count(distinct tgname) from plugin_trigger where tgname ~ format('^numbers_%s_(deleted|renumbered|truncated)$', referring)) < 3
  union all
  select format('trigger %s of %s is missing, disabled or of another schema', expected, name), 'create or enable it as the output of: fastify-telco-numbers sql'
    from partition, unnest('{numbers_references_inserted,numbers_references_updated,numbers_digits_updated}'::text[] ||
        case when exists (select from relation where relname = 'number_aliases')
          then '{numbers_aliases_inserted,numbers_aliases_updated,numbers_aliases_deleted,numbers_aliases_truncated}'::text[] end) as expected
    where not exists (select from plugin_trigger where tgrelid = partition.oid and tgname = expected)
  union all
  select format('view %s is not plain: rows that numbers refer to could disappear from it', name), 'replace it by a view without WHERE and joins'
    from relation
    where relkind in ('v', 'm') and relname in ('customers', 'classes', 'ingroups', 'regions')
      -- The bit of UPDATE; PostgreSQL prints each clause on a line of its own.
      and (pg_relation_is_updatable(oid, false) & 4 = 0 or pg_get_viewdef(oid) ~ '\\n +WHERE ')
  union all
  select format('the foreign key of %s.%s is missing, as after a drop ... cascade', name, attname),
      format('alter table %s add foreign key (%I) references <table>', name, attname)
    from relation join pg_attribute on attrelid = relation.oid
    where relkind in ('r', 'p') and (relname, attname) in (('classes', 'customer'), ('customers', 'parent'), ('customers', 'plan'),
        ('plan_classes', 'plan'), ('plan_classes', 'class'), ('transactions', 'customer'), ('transactions', 'load'))
      and not exists (select from pg_constraint where conrelid = relation.oid and contype = 'f' and conkey = array[attnum])`

/** Changes take their identifiers from the sequence of loads. */
const SEQUENCES = [['loads', 'loads'], ['changes', 'loads'], ['transactions', 'transactions']] as const

const FIND_SEQUENCES_BEHIND = SEQUENCES.map(([table, owner]) => `
  select 'the sequence of ${table} is behind its table, probably because of a restore' as message,
      format('select setval(%L, (select max(id) from %I.${table}))', sequence, :schema::text) as remedy
    from pg_get_serial_sequence(format('%I.${owner}', :schema::text), 'id') as sequence
    where (select max(id) from :"schema".${table}) > coalesce(pg_sequence_last_value(sequence::regclass), 0)`).join(' union all ')

const PARENTS = Object.entries({ class: 'classes', ingroup: 'ingroups', customer: 'customers', region: 'regions', load: 'loads' })

/** One after the other, because each reads all numbers. */
const FIND_BROKEN_REFERENCES = [
  ...PARENTS.map(([column, table]) => `
    select format('%s numbers refer to ${column} %s, which does not exist', count(*), ${column}) as message,
      'insert it into ${table}, or update the numbers' as remedy
    from :"schema".numbers
    where ${column} is not null and not exists (select from :"schema".${table} where ${table}.id = numbers.${column})
    group by ${column} order by ${column} limit 100`),
  `select format('load %s has %s numbers, but should have %s', id, present, case when undone_at is null then count else 0 end) as message,
      'restore the table numbers' as remedy
    from :"schema".loads join (select load, count(*) as present from :"schema".numbers group by load) as added on load = id
    where present > case when undone_at is null then count else 0 end
    order by id limit 100`,
  `select 'numbers is empty, but some loads were not undone' as message, 'restore the table numbers' as remedy
    where not exists (select from :"schema".numbers) and exists (select from :"schema".loads where undone_at is null)`,
  `select format('numbers with the alias %s: %s; its number in the view aliases: %s', alias, count(held.number),
        coalesce(min(aliases.number), 'none')) as message,
      'fill number_aliases again from numbers, in one transaction' as remedy
    from :"schema".aliases full join (select alias, number from :"schema".numbers where alias is not null) as held using (alias)
    group by alias having count(held.number) <> 1 or bool_or(aliases.number is distinct from held.number)
    order by alias limit 100`
]

/** Returns the faults that prevent even the version of the schema from being read. */
export async function findObstacles (query: Query, schema: string): Promise<Finding[]> {
  return (await query<Finding>(FIND_OBSTACLES, { schema })).rows
}

/** Returns the faults in a schema of this version that would make calls fail or lose references. */
export async function findFaults (query: Query, schema: string): Promise<Finding[]> {
  return (await query<Finding>(FIND_FAULTS, { schema })).rows
}

/** Returns whether the schema has a table or view of people. */
export async function hasPeople (query: Query, schema: string): Promise<boolean> {
  return (await query(`with ${RELATIONS} select from relation where relname = 'people'`, { schema })).rows.length > 0
}

/** Returns the sequences whose next values are already in their tables. */
export async function findSequencesBehind (query: Query, schema: string): Promise<Finding[]> {
  return (await query<Finding>(FIND_SEQUENCES_BEHIND, { schema })).rows
}

/** Returns the invalid references, aliases and counts; reads all numbers. */
export async function findBrokenReferences (query: Query): Promise<Finding[]> {
  const found = []
  for (const statement of FIND_BROKEN_REFERENCES) found.push(...(await query<Finding>(statement)).rows)
  return found
}
