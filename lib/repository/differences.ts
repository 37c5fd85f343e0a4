const MAX_LISTED_RUNS = 100

/** SQL for the names of the columns whose conditions do not hold. */
export function differing (conditions: Readonly<Record<string, string>>): string {
  const names = Object.entries(conditions).map(([column, holds]) => `case when (${holds}) is not true then '${column}' end`)
  return `array_remove(array[${names.join(', ')}]::text[], null)`
}

/**
 * The end of a statement that returns the first hundred runs of the numbers in `changed`: consecutive ones that differ from
 * their record in the same. `place` counts in the range of the record that has the `position`.
 */
export const RUNS_OF_CHANGED = `ranked as (
        select *, place - row_number() over (partition by position, reason, differs order by place) as run from changed
      )
      select min(number) as first, max(number) as last, count(*)::integer as count, reason, to_jsonb(differs) as differs
      from ranked
      group by position, reason, differs, run
      order by position, first
      limit ${MAX_LISTED_RUNS}`
