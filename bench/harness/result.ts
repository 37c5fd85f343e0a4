/** The runs of one candidate. */
export interface Samples {
  readonly name: string
  readonly unit: string
  readonly values: readonly number[]
}

/** A figure that is held to something. */
export interface Verdict {
  readonly figure: string
  readonly value: number
  /** Follows the value: "ms", "MiB"; nothing after a ratio. */
  readonly unit: string
  readonly isBetter: 'lower' | 'higher'
  readonly must?: number
  readonly aim?: number
}

/** What a row came to. */
export interface Result {
  readonly samples: readonly Samples[]
  readonly verdicts: readonly Verdict[]
  /** How it was measured, where the samples do not say it. */
  readonly notes: readonly string[]
}

export function median (values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** Between the two nearest values, as percentile_cont does. */
export function percentile (values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * part
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place % 1)
}

/** Whether a bound is held; true where there is none. */
export function isHeld ({ value, isBetter }: Verdict, bound: number | undefined): boolean {
  if (bound === undefined) return true
  return isBetter === 'lower' ? value <= bound : value >= bound
}

/** The ratio of the medians of two candidates. */
export function ratioOf (samples: readonly Samples[], name: string, to: string): number {
  return medianOf(samples, name) / medianOf(samples, to)
}

export function medianOf (samples: readonly Samples[], name: string): number {
  const found = samples.find(sample => sample.name === name)
  if (found === undefined) throw new Error(`nothing was measured as ${name}`)
  return median(found.values)
}
