/** A row of `numbers`. */
export interface StoredNumber {
  readonly number: string
  readonly alias: string | null
  readonly class: number
  readonly ingroup: number
  readonly customer: number | null
  readonly region: number | null
  readonly stype: string
  readonly load: string
}
