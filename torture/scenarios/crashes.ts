import { setTimeout as sleep } from 'node:timers/promises'
import { FAULTS, type Fault } from '../faults.js'
import type { Sql } from '../harness/postgres.js'
import { Random } from '../harness/random.js'
import { anyLoad, Area, loadOf, type CreateRequest } from '../harness/range.js'
import { NeverHappened, until } from '../harness/until.js'
import type { Context, ScenarioResult } from '../scenario.js'

const CLIENTS = 6

/** So many numbers apart, clients do not meet. */
const APART = 10_000_000

/** Every so many rounds, the load is as large as can be. */
const LARGEST_EVERY = 12

/** What the pace is measured by, in an area that no round has. */
const PACE_COUNT = 20_000
const PACE_AREA = 2_999
const BESIDE_OTHERS = 2

/** Milliseconds after the reply in which a fault still strikes what it promised. */
const BEHIND = 20

/** What happens in a round of crashes: a pure function of the seed and the round. */
export interface Plan {
  readonly fault: Fault
  /** When, as a part of the time that the load takes on this machine: into it, around its commit, or behind it. */
  readonly moment: number
  readonly load: CreateRequest
  /** The server that it is sent to. */
  readonly server: 0 | 1
  /** Whether an earlier load is undone at the same time. */
  readonly isUndoing: boolean
  readonly area: Area
}

export function planRound (seed: number, round: number, largest: number): Plan {
  const random = new Random(seed, 'crashes', round)
  const first = new Random(seed, 'crashes').integer(0, FAULTS.length - 1)
  const area = new Area(random, round)
  const count = round % LARGEST_EVERY === LARGEST_EVERY - 1 ? largest : random.size(largest)
  return {
    fault: FAULTS[(first + round) % FAULTS.length] ?? FAULTS[0],
    moment: random.fraction() * 1.2,
    load: anyLoad(random, area, 0, count),
    server: random.pick([0, 1]),
    isUndoing: random.chance(0.4),
    area
  }
}

/** Faults while one load, an undo, and a stream of small loads are running. */
export async function crashes (context: Context): Promise<ScenarioResult> {
  const { history, seed, tell } = context
  const before = history.requests
  const violations: string[] = []
  let [rounds, faults] = [0, 0]
  const millisecondsFor = await measurePace(context)
  for (; context.hasTimeFor(rounds); rounds++) {
    const plan = planRound(seed, rounds, context.largest)
    const about = `crashes ${rounds}: ${plan.fault.name} at ${plan.moment.toFixed(2)} of ${plan.load.count} numbers`
    const { hasStruck, found } = await playRound(
      context, plan, plan.moment * millisecondsFor(plan.load.count), client => new Random(seed, 'crashes', rounds, client))
    if (hasStruck) faults++
    tell(`${about}${hasStruck ? '' : ', which was not possible'}${found.length > 0 ? `: ${found.length} violations` : ''}`)
    violations.push(...found.map(violation => `${about}: ${violation}`))
  }
  return { rounds, faults, requests: history.requests - before, violations }
}

async function playRound (
  context: Context, plan: Plan, moment: number, randomOf: (client: number) => Random
): Promise<{ hasStruck: boolean, found: string[] }> {
  const { postgres, disk, servers, history, caller } = context
  const { fault } = plan
  const server = servers[plan.server]
  return await postgres.session(async sql => {
    const victim = plan.isUndoing ? await earlierLoad(sql) : undefined
    let isRunning = true
    let answers = 0
    const stream = Array.from({ length: CLIENTS }, async (_, client) => {
      const random = randomOf(client)
      for (let place = 0; isRunning; place += 100) {
        const load = anyLoad(random, plan.area, (client + 1) * APART + place, random.size(100))
        const outcome = await caller.create(servers[client % servers.length === 0 ? 0 : 1], load)
        answers++
        if (outcome.kind !== 'reply' || outcome.status !== 200) await sleep(20)
      }
    })
    await until('the stream flows', async () => answers >= CLIENTS)
    const large = caller.create(server, plan.load)
    const undo = victim === undefined ? undefined : caller.undo(server, victim)

    const victims = { postgres, server, disk, sql }
    // Or right behind the load, where it takes less.
    await Promise.race([sleep(moment), Promise.all([large, undo]).then(() => sleep(BEHIND))])
    const endFault = history.beginFault({
      server: fault.hurts === 'server' ? server.name : null,
      isDatabase: fault.hurts !== 'server',
      isUnnamed: fault.hurts === 'disk' && disk.isUnnamed
    })
    const hasStruck = await fault.strike(victims)
    await Promise.all([large, undo])
    // Some requests that begin while the fault lasts.
    await sleep(50)
    await fault.repair(victims)
    isRunning = false
    await Promise.all(stream)
    const complaints = await recover(context, plan.area)
    endFault()
    return { hasStruck, found: [...complaints, ...await context.check()] }
  })
}

/** How long a load takes here, with the others beside it, by its count. */
async function measurePace ({ caller, servers: [server], seed }: Context): Promise<(count: number) => number> {
  const area = new Area(new Random(seed, 'crashes', 'pace'), PACE_AREA)
  const timeOf = async (place: number, count: number): Promise<number> => {
    const begin = performance.now()
    await caller.create(server, loadOf(area, place, count))
    return performance.now() - begin
  }
  // The first call verifies the password.
  await timeOf(0, 1)
  const one = await timeOf(1, 1)
  const perNumber = await timeOf(2, PACE_COUNT) / PACE_COUNT
  return count => BESIDE_OTHERS * (one + count * perNumber)
}

/** Both servers serve again, without help. */
async function recover ({ servers, caller }: Context, area: Area): Promise<string[]> {
  try {
    for (const server of servers) {
      await until(`${server.name} serves again`, async () => {
        const outcome = await caller.validate(server, loadOf(area, (CLIENTS + 1) * APART, 1))
        return outcome.kind === 'reply' && outcome.status === 201
      })
    }
    return []
  } catch (error) {
    if (error instanceof NeverHappened) return [`recovery: ${error.message}`]
    throw error
  }
}

async function earlierLoad (sql: Sql): Promise<string | undefined> {
  const [load] = await sql<{ id: string }>('select id from telco.loads where undone_at is null order by count desc, id limit 1')
  return load?.id
}
