/** A value as it is in a request, before its parameter is known. */
export type RawValue =
  | { readonly kind: 'text', readonly text: string }
  | { readonly kind: 'json number' | 'json boolean' | 'json list' | 'json object' | 'json null', readonly text: string }
  | { readonly kind: 'unreadable', readonly issue: string }

export type RawEntry = readonly [name: string, value: RawValue]

/** The values of a request, by name. For a name that is given twice, it is the first value, and `repeated` has the name. */
export interface RawParameters {
  readonly values: ReadonlyMap<string, RawValue>
  readonly repeated: ReadonlySet<string>
  /** Set if the body as a whole is unreadable. */
  readonly bodyIssue?: string
}
