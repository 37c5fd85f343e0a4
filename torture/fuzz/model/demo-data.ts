// The rows of the database before the first request: the demo data, and the people of the fuzzer.

/** Is part of every credential, so that a log or a reply that contains it leaks one. */
export const MARKER = 'c0nfident1al'

export interface Person {
  readonly username: string
  readonly password: string
  readonly mayLogIn: boolean
  readonly mayCreate: boolean
}

export const PEOPLE: readonly Person[] = [
  { username: `operator-${MARKER}`, password: `pass ${MARKER}+;&=%`, mayLogIn: true, mayCreate: true },
  { username: `Jürgen-${MARKER}`, password: `pässwörd ${MARKER} €`, mayLogIn: true, mayCreate: true },
  { username: `clerk-${MARKER}`, password: `clerk ${MARKER}`, mayLogIn: true, mayCreate: false },
  { username: `gone-${MARKER}`, password: `gone ${MARKER}`, mayLogIn: false, mayCreate: true }
]

/** The classes, each with the customer for which it is reserved. */
export const CLASSES: ReadonlyMap<number, number | null> = new Map([[1, null], [2, null], [3, 3]])

export const INGROUPS: ReadonlySet<number> = new Set([1, 2, 3])

export const REGIONS: ReadonlySet<number> = new Set([1, 2])

export interface Customer {
  readonly parent: number | null
  /** The price of a number in cents, by class. A missing class has no price in the customer's plan. */
  readonly prices: ReadonlyMap<number, bigint>
}

export const CUSTOMERS: ReadonlyMap<number, Customer> = new Map([
  [1, { parent: null, prices: new Map() }],
  [2, { parent: 1, prices: new Map([[1, 100n], [2, 1_000n]]) }],
  [3, { parent: 2, prices: new Map([[1, 150n], [2, 1_500n]]) }],
  [4, { parent: 2, prices: new Map() }]
])
