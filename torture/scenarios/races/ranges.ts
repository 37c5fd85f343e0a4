import { anyLoad, loadOf, type CreateRequest } from '../../harness/range.js'
import { CLIENTS, type Race, type Shape } from './race.js'

/** Most numbers of one load: its losers wait for it no longer than for any lock. */
const LARGEST = 20_000

function sizeOf ({ random, context }: Race): number {
  return random.size(Math.min(LARGEST, context.largest))
}

async function createAll (race: Race, loads: readonly CreateRequest[]): Promise<string[]> {
  const { caller } = race.context
  await race.atOnce(loads.map((load, client) => () => caller.create(race.serverOf(client), load)))
  return []
}

function forClients (load: (client: number) => CreateRequest): CreateRequest[] {
  return Array.from({ length: CLIENTS }, (_, client) => load(client))
}

export const sameRange: Shape = async race => {
  const load = anyLoad(race.random, race.area, 0, sizeOf(race))
  return await createAll(race, forClients(() => load))
}

export const overlapping: Shape = async race => {
  const { random, area } = race
  const count = sizeOf(race)
  return await createAll(race, forClients(() => {
    const length = random.integer(1, count)
    return anyLoad(random, area, random.integer(0, count * 3), length)
  }))
}

/** None stands in the way of another, so all are created. */
export const touching: Shape = async race => {
  const count = sizeOf(race)
  return await createAll(race, forClients(client => anyLoad(race.random, race.area, client * count, count)))
}

/** Where one has its numbers, another has its aliases, so that two can wait for each other. */
export const crossing: Shape = async race => {
  const { area } = race
  const half = sizeOf(race)
  // Of a pair, the second begins with numbers that the first has in its second half, and ends with aliases of its first half.
  return await createAll(race, forClients(client => {
    const [pair, isSecond] = [Math.floor(client / 4) * half * 10, client % 2 === 1]
    return loadOf(area, pair + (isSecond ? half : 0), half * 2, { alias: area.aliasAt(pair + (isSecond ? 0 : half)) })
  }))
}

export const validationBesideCreation: Shape = async race => {
  const { context: { caller }, random, area, serverOf, atOnce } = race
  const count = sizeOf(race)
  await atOnce(forClients(() => anyLoad(random, area, random.integer(0, count), count)).map((load, client) => () => (
    client % 2 === 0 ? caller.create(serverOf(client), load) : caller.validate(serverOf(client), load))))
  return []
}
