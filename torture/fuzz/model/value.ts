/** A value as it was sent: text, the literal of a JSON number, a boolean or null of JSON, or anything else. */
export type Value =
  | { readonly kind: 'text', readonly text: string }
  | { readonly kind: 'number', readonly literal: string }
  /** true or false of JSON, as a digit. */
  | { readonly kind: 'boolean', readonly digit: '0' | '1' }
  /** null of JSON: as if the parameter was not sent. */
  | { readonly kind: 'null' }
  | { readonly kind: 'other' }
