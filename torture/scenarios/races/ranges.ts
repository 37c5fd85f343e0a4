import { anyLoad, loadOf, type CreateRequest } from '../../harness/range.js'
import { CLIENTS, type Race, type Workload } from './race.js'

/** The maximum of numbers in one load: the refused calls wait for it within the limit for a lock. */
const MAX_COUNT = 20_000

function sizeOf ({ random, context }: Race): number {
  return random.size(Math.min(MAX_COUNT, context.maxCount))
}

async function createAll (race: Race, loads: readonly CreateRequest[]): Promise<string[]> {
  const { caller } = race.context
  await race.atOnce(loads.map((load, client) => () => caller.create(race.serverOf(client), load)))
  return []
}

function forClients (load: (client: number) => CreateRequest): CreateRequest[] {
  return Array.from({ length: CLIENTS }, (_, client) => load(client))
}

export const sameRange: Workload = async race => {
  const load = anyLoad(race.random, race.block, 0, sizeOf(race))
  return await createAll(race, forClients(() => load))
}

export const overlapping: Workload = async race => {
  const { random, block } = race
  const count = sizeOf(race)
  return await createAll(race, forClients(() => {
    const length = random.integer(1, count)
    return anyLoad(random, block, random.integer(0, count * 3), length)
  }))
}

/** No range conflicts with another, so all of them are created. */
export const touching: Workload = async race => {
  const count = sizeOf(race)
  return await createAll(race, forClients(client => anyLoad(race.random, race.block, client * count, count)))
}

/** Runs pairs of loads that conflict in numbers and, in the opposite order, in aliases, so that they can wait for each other. */
export const crossing: Workload = async race => {
  const { block } = race
  const half = sizeOf(race)
  // The second of a pair begins with numbers of the first one's second half, and ends with aliases of its first half.
  return await createAll(race, forClients(client => {
    const [pair, isSecond] = [Math.floor(client / 4) * half * 10, client % 2 === 1]
    return loadOf(block, pair + (isSecond ? half : 0), half * 2, { alias: block.aliasAt(pair + (isSecond ? 0 : half)) })
  }))
}

export const validationDuringCreate: Workload = async race => {
  const { context: { caller }, random, block, serverOf, atOnce } = race
  const count = sizeOf(race)
  await atOnce(forClients(() => anyLoad(random, block, random.integer(0, count), count)).map((load, client) => () => (
    client % 2 === 0 ? caller.create(serverOf(client), load) : caller.validate(serverOf(client), load))))
  return []
}
