import pg from 'pg'

/** The values of a statement, by the names that it has for them. */
export type Values = Readonly<Record<string, unknown>>

/** SQL in PostgreSQL's notation, with the names of its values in the order of `$1`, `$2`, …. */
export interface Statement {
  readonly text: string
  readonly names: readonly string[]
}

/** Replaces `:"schema"`, as psql does, with the name of the schema as an escaped identifier. */
export function inSchema (schema: string, sql: string): string {
  return sql.replaceAll(':"schema"', () => pg.escapeIdentifier(schema))
}

/** A value in psql's notation, `:name`; neither a cast (`::name`) nor an assignment (`:=`). */
const VALUE = /(?<!:):([a-z][a-z0-9_]*)/g

/** Resolves the schema and the names of the values in a statement, both in psql's notation. */
export function resolve (schema: string, sql: string): Statement {
  const names: string[] = []
  // The schema last: its name may look like a value.
  const text = sql.replace(VALUE, (_match, name: string) => {
    if (!names.includes(name)) names.push(name)
    return `$${names.indexOf(name) + 1}`
  })
  return { text: inSchema(schema, text), names }
}

/** Returns the values of a statement that casts each of them, in the order in which they occur first. */
export function typedValues (sql: string): Array<{ readonly name: string, readonly type: string }> {
  const types = new Map([...sql.matchAll(/(?<!:):([a-z][a-z0-9_]*)::([a-z]+)/g)].map(([, name = '', type = '']) => [name, type]))
  return [...types].map(([name, type]) => ({ name, type }))
}
