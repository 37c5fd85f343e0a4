import pg from 'pg'

/** Puts the name of the plugin's schema, as an escaped identifier, into SQL that says `:"schema"`, as psql would. */
export function inSchema (schema: string, sql: string): string {
  return sql.replaceAll(':"schema"', () => pg.escapeIdentifier(schema))
}
