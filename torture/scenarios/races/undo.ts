import { anyLoad, type CreateRequest } from '../../harness/range.js'
import { CLIENTS, type Race, type Workload } from './race.js'

/** Undoes a load several times concurrently, while other calls add its numbers again. */
export const undoDuringLoads: Workload = async race => {
  const { context, random, block, serverOf, atOnce } = race
  const { caller } = context
  const count = random.size(Math.min(20_000, context.maxCount))
  const first = anyLoad(random, block, 0, count)
  await caller.create(serverOf(0), first)
  const load = await loadAt(race, first)
  if (load === undefined) return []
  await atOnce(Array.from({ length: CLIENTS }, (_, client) => {
    const again = random.chance(0.5) ? first : anyLoad(random, block, random.integer(0, count), random.integer(1, count))
    return client % 4 === 0 ? () => caller.undo(serverOf(client), load) : () => caller.create(serverOf(client), again)
  }))
  return []
}

async function loadAt ({ context }: Race, { start }: CreateRequest): Promise<string | undefined> {
  const [load] = await context.postgres.session(sql => (
    sql<{ id: string }>('select id from telco.loads where start = $1 and undone_at is null', [start])))
  return load?.id
}
