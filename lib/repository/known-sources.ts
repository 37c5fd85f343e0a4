import type { Database, Query } from '../database/database.js'

/** A username and a source, as digests. */
export interface Login {
  readonly username: string
  readonly source: string
}

const FIND = `
  select extract(epoch from now() - seen_at)::float8 * 1000 as age
  from :"schema".known_sources
  where username = :username and source = :source and seen_at > now() - :ttl::float8 * interval '1 ms'`

const STORE = `
  insert into :"schema".known_sources (username, source) values (:username, :source)
  on conflict (username, source) do update set seen_at = now()`

// A row that another process is currently storing or deleting is left to the next call.
const DELETE_OTHERS = `
  delete from :"schema".known_sources
  where (username, source) in (
      select username, source from :"schema".known_sources
      where username = :username and source <> :source
      order by seen_at desc offset :max::integer - 1
      for update skip locked)
    or (username, source) in (
      select username, source from :"schema".known_sources
      where seen_at <= now() - :ttl::float8 * interval '1 ms'
      for update skip locked)`

const DELETE = 'delete from :"schema".known_sources where username = :username and source = :source'

/** Returns how many milliseconds ago the source was stored, or `undefined` if it was more than `ttl` milliseconds ago. */
export async function findKnownSource (database: Database, login: Login, ttl: number): Promise<number | undefined> {
  const { rows: [known] } = await database.query<{ age: number }>(FIND, { ...login, ttl })
  return known?.age
}

/** Stores a source, and deletes those that are older than `ttl` and those of the username beyond its latest `max`. */
export async function storeKnownSource (query: Query, login: Login, ttl: number, max: number): Promise<void> {
  await query(STORE, { ...login })
  await query(DELETE_OTHERS, { ...login, ttl, max })
}

export async function deleteKnownSource (query: Query, login: Login): Promise<void> {
  await query(DELETE, { ...login })
}
