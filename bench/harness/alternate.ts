import type { Samples } from './result.js'

/** One method that a row measures. */
export interface Candidate {
  readonly name: string
  readonly unit?: string
  /** Restores the state in which every run starts. */
  prepare: () => Promise<void>
  /** Runs the method once and returns its figure. */
  run: () => Promise<number>
}

/**
 * Runs all candidates in every round, and rotates their order by one after each round.
 * The first round is a warm-up and is not counted.
 */
export async function alternate (candidates: readonly Candidate[], rounds: number): Promise<Samples[]> {
  const values = new Map<string, number[]>(candidates.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    const first = round % candidates.length
    for (const { name, prepare, run } of [...candidates.slice(first), ...candidates.slice(0, first)]) {
      await prepare()
      const figure = await run()
      if (round > 0) values.get(name)?.push(figure)
    }
  }
  return candidates.map(({ name, unit = 's' }) => ({ name, unit, values: values.get(name) ?? [] }))
}

/** Returns the seconds that `work` takes. */
export async function seconds (work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}
