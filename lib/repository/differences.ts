const MAX_LISTED_RUNS = 100

/**
 * SQL for whether a row of `numbers` is as a load added it. PostgreSQL gives each version of a row the transaction that wrote it,
 * so such a number has that of its load. The row of the load must have it too, and must have recorded it. After a restore it has
 * not: see `loads.xid`. The 32 bits of transactions must not have wrapped around.
 */
export function isUntouched (load: string): string {
  return `numbers.xmin = (
      select loads.xmin from :"schema".loads
      where id = ${load} and loads.xmin = xid::xid and pg_current_xact_id()::text::bigint - xid::text::bigint < 4294967296)`
}

// With the offset, the planner cannot read the whole table for each number, not even if it thinks that the table is empty.
/** SQL for a join with the row of `numbers` that has a number, if there is one. */
export function joinNumber (number: string): string {
  return `left join lateral (select *, xmin from :"schema".numbers where numbers.number = ${number} offset 0) as numbers on true`
}

/** SQL for the names of the columns whose conditions do not hold. */
export function differing (conditions: Readonly<Record<string, string>>): string {
  const names = Object.entries(conditions).map(([column, holds]) => `case when (${holds}) is not true then '${column}' end`)
  return `array_remove(array[${names.join(', ')}]::text[], null)`
}

/**
 * The end of a statement that returns the first hundred runs of the numbers in `changed`: consecutive ones that differ from
 * their record in the same columns. `place` counts in the range of the record that has the `position`.
 */
export const RUNS_OF_CHANGED = `ranked as (
        select *, place - row_number() over (partition by position, reason, differs order by place) as run from changed
      )
      select min(number) as first, max(number) as last, count(*)::integer as count, reason, to_jsonb(differs) as differs
      from ranked
      group by position, reason, differs, run
      order by position, first
      limit ${MAX_LISTED_RUNS}`
