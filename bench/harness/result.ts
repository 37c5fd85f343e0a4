/** The runs of one candidate. */
export interface Samples {
  readonly name: string
  readonly unit: string
  readonly values: readonly number[]
}

/** A figure with its bounds. */
export interface Verdict {
  readonly figure: string
  readonly value: number
  /** For example "ms" or "MiB". Empty for a ratio. */
  readonly unit: string
  readonly isBetter: 'lower' | 'higher'
  readonly must?: number
  readonly target?: number
}

/** The result of a row. */
export interface Result {
  readonly samples: readonly Samples[]
  readonly verdicts: readonly Verdict[]
  /** How the row was measured, if the samples do not show it. */
  readonly notes: readonly string[]
}

export function median (values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** Interpolates between the two nearest values, as percentile_cont does. */
export function percentile (values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const position = (sorted.length - 1) * part
  const below = sorted[Math.floor(position)] ?? Number.NaN
  const above = sorted[Math.ceil(position)] ?? Number.NaN
  return below + (above - below) * (position % 1)
}

/** Returns whether a bound is met, and true without a bound. */
export function isMet ({ value, isBetter }: Verdict, bound: number | undefined): boolean {
  if (bound === undefined) return true
  return isBetter === 'lower' ? value <= bound : value >= bound
}

/**
 * Returns the median, over all rounds, of the ratio of two candidates. It varies less than the ratio of their medians, because a
 * machine that is slower for a while slows down both runs of a round.
 */
export function ratioOf (samples: readonly Samples[], name: string, baseline: string): number {
  const [values, baselines] = [valuesOf(samples, name), valuesOf(samples, baseline)]
  if (values.length !== baselines.length) throw new Error(`${name} and ${baseline} have not run in the same rounds`)
  return median(values.map((value, round) => value / (baselines[round] ?? Number.NaN)))
}

export function medianOf (samples: readonly Samples[], name: string): number {
  return median(valuesOf(samples, name))
}

function valuesOf (samples: readonly Samples[], name: string): readonly number[] {
  const found = samples.find(sample => sample.name === name)
  if (found === undefined) throw new Error(`candidate ${name} not found`)
  return found.values
}
