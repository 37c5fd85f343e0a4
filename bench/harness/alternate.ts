import type { Samples } from './result.js'

/** One way to do what a row measures. */
export interface Candidate {
  readonly name: string
  readonly unit?: string
  /** Leads to the state that every run starts from. */
  prepare: () => Promise<void>
  /** Does it once and returns the figure. */
  run: () => Promise<number>
}

/**
 * Runs the candidates in turn, round after round, the order turned by one each time.
 * The first round warms up and is not counted.
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

/** The seconds that `work` takes. */
export async function seconds (work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}
