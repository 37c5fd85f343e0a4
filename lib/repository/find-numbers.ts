import type { Database } from '../database/database.js'
import { JSON_OF_NUMBER } from './list-numbers.js'

/** A number that a call asks for; with a fingerprint, its person was not looked up for this call. */
export interface NumberLookUp {
  readonly number: string
  readonly person: string | null
  readonly fingerprint: string | undefined
}

/** The result: whether the person still has the fingerprint, if there is one, and the number as JSON, if it exists. */
export interface FoundNumber {
  readonly isConfirmed: boolean
  readonly json: string | null
}

// Only calls with a fingerprint read people, because a host with its own people may have none here.
const FIND_NUMBERS = `
  with asked as (
    select number, person, nullif(fingerprint, '') as fingerprint, place
    from unnest(:numbers::text[], :people::text[], :fingerprints::text[]) with ordinality as asked (number, person, fingerprint, place)
  ), person as materialized (
    select username, fingerprint from :"schema".find_people(array(select distinct person from asked where fingerprint is not null))
  )
  select case
      when asked.fingerprint is null then true
      else exists (select from person where username = asked.person and person.fingerprint = asked.fingerprint) end as "isConfirmed",
    (select ${JSON_OF_NUMBER} from :"schema".numbers where numbers.number = asked.number) as json
  from asked
  order by place`

/** Looks up the numbers of several calls in one statement, because a statement costs more than finding them. */
export async function findNumbers (
  database: Database, lookUps: readonly NumberLookUp[]
): Promise<(lookUp: NumberLookUp) => FoundNumber | undefined> {
  const { rows } = await database.query<FoundNumber>(FIND_NUMBERS, {
    numbers: lookUps.map(({ number }) => number),
    people: lookUps.map(({ person }) => person),
    // Not NULL, which is text in an array if the connection has array_nulls off.
    fingerprints: lookUps.map(({ fingerprint }) => fingerprint ?? '')
  })
  const found = new Map(lookUps.map((lookUp, index) => [lookUp, rows[index]]))
  return lookUp => found.get(lookUp)
}
