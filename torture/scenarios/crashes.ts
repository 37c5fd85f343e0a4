import { setTimeout as sleep } from 'node:timers/promises'
import { FAULTS, type Fault } from '../faults.js'
import type { Sql } from '../harness/postgres.js'
import { Random } from '../harness/random.js'
import { anyLoad, NumberBlock, loadOf, type CreateRequest } from '../harness/range.js'
import { WaitTimeoutError, until } from '../harness/until.js'
import type { Context, ScenarioResult } from '../scenario.js'

const CLIENTS = 6

/** The maximum of numbers in a load of the stream. */
const MAX_SMALL_COUNT = 100

/** The distance between the numbers of two clients, so that their loads never conflict. */
const CLIENT_SPACING = 10_000_000

/** In every 12th round, the load has the maximum count. */
const MAX_COUNT_EVERY_ROUNDS = 12

/** The load that measures the speed of the machine, in a block that no round uses. */
const CALIBRATION_COUNT = 20_000
const CALIBRATION_BLOCK = 2_999

/** How much longer a load takes while the other clients send theirs. */
const CONCURRENCY_FACTOR = 2

/** A fault is injected at most this long after the reply, so that it still affects the data that the reply has confirmed. */
const MAX_AFTER_REPLY_MS = 20

/** What happens in a round of crashes. It depends on the seed and the round only. */
export interface Plan {
  readonly fault: Fault
  /** When, as a fraction of the load's expected duration: during the load, around its commit, or after it. */
  readonly moment: number
  readonly load: CreateRequest
  /** The server that receives the load. */
  readonly server: 0 | 1
  /** Whether an earlier load is undone at the same time. */
  readonly withUndo: boolean
  readonly block: NumberBlock
}

export function planRound (seed: number, round: number, maxCount: number): Plan {
  const random = new Random(seed, 'crashes', round)
  const first = new Random(seed, 'crashes').integer(0, FAULTS.length - 1)
  const block = new NumberBlock(random, round)
  const count = round % MAX_COUNT_EVERY_ROUNDS === MAX_COUNT_EVERY_ROUNDS - 1 ? maxCount : random.size(maxCount)
  return {
    fault: FAULTS[(first + round) % FAULTS.length] ?? FAULTS[0],
    moment: random.fraction() * 1.2,
    load: anyLoad(random, block, 0, count),
    server: random.pick([0, 1]),
    withUndo: random.chance(0.4),
    block
  }
}

/** Injects faults while one large load, an undo, and a stream of small loads are running. */
export async function crashes (context: Context): Promise<ScenarioResult> {
  const { history, seed, log } = context
  const before = history.requests
  const violations: string[] = []
  let [rounds, faults] = [0, 0]
  const millisecondsFor = await measureSpeed(context)
  for (; context.hasTimeFor(rounds); rounds++) {
    const plan = planRound(seed, rounds, context.maxCount)
    const title = `crashes ${rounds}: ${plan.fault.name} at ${plan.moment.toFixed(2)} of ${plan.load.count} numbers`
    const { isInjected, found } = await playRound(
      context, plan, plan.moment * millisecondsFor(plan.load.count), client => new Random(seed, 'crashes', rounds, client))
    if (isInjected) faults++
    log(`${title}${isInjected ? '' : ' (not possible)'}${found.length > 0 ? `: ${found.length} violations` : ''}`)
    violations.push(...found.map(violation => `${title}: ${violation}`))
  }
  return { rounds, faults, requests: history.requests - before, violations }
}

async function playRound (
  context: Context, plan: Plan, moment: number, randomOf: (client: number) => Random
): Promise<{ isInjected: boolean, found: string[] }> {
  const { postgres, disk, servers, history, caller } = context
  const { fault } = plan
  const server = servers[plan.server]
  return await postgres.session(async sql => {
    const earlier = plan.withUndo ? await earlierLoad(sql) : undefined
    let isRunning = true
    let replies = 0
    const stream = Array.from({ length: CLIENTS }, async (_, client) => {
      const random = randomOf(client)
      for (let offset = 0; isRunning; offset += MAX_SMALL_COUNT) {
        const load = anyLoad(random, plan.block, (client + 1) * CLIENT_SPACING + offset, random.size(MAX_SMALL_COUNT))
        const outcome = await caller.create(servers[client % servers.length === 0 ? 0 : 1], load)
        replies++
        if (outcome.kind !== 'reply' || outcome.status !== 200) await sleep(20)
      }
    })
    await until('the small loads are running', async () => replies >= CLIENTS)
    const large = caller.create(server, plan.load)
    const undo = earlier === undefined ? undefined : caller.undo(server, earlier)

    const faultContext = { postgres, server, disk, sql }
    // At the planned moment, or soon after the load if it takes less time than expected.
    await Promise.race([sleep(moment), Promise.all([large, undo]).then(() => sleep(MAX_AFTER_REPLY_MS))])
    const endFault = history.beginFault({
      server: fault.affects === 'server' ? server.name : null,
      isDatabase: fault.affects !== 'server',
      isUnnamed: fault.affects === 'disk' && disk.isUnnamed
    })
    const isInjected = await fault.inject(faultContext)
    await Promise.all([large, undo])
    // Lets some requests begin while the fault lasts.
    await sleep(50)
    await fault.repair(faultContext)
    isRunning = false
    await Promise.all(stream)
    const recovery = await checkRecovery(context, plan.block)
    endFault()
    return { isInjected, found: [...recovery, ...await context.check()] }
  })
}

/** Returns the expected duration of a load on this machine by its count, while the other clients send theirs. */
async function measureSpeed ({ caller, servers: [server], seed }: Context): Promise<(count: number) => number> {
  const block = new NumberBlock(new Random(seed, 'crashes', 'pace'), CALIBRATION_BLOCK)
  const timeOf = async (offset: number, count: number): Promise<number> => {
    const begin = performance.now()
    await caller.create(server, loadOf(block, offset, count))
    return performance.now() - begin
  }
  // The first call verifies the password.
  await timeOf(0, 1)
  const one = await timeOf(1, 1)
  const perNumber = await timeOf(2, CALIBRATION_COUNT) / CALIBRATION_COUNT
  return count => CONCURRENCY_FACTOR * (one + count * perNumber)
}

/** Waits until both servers serve again without a restart, and returns a violation if they do not. */
async function checkRecovery ({ servers, caller }: Context, block: NumberBlock): Promise<string[]> {
  try {
    for (const server of servers) {
      await until(`${server.name} serves again`, async () => {
        const outcome = await caller.validate(server, loadOf(block, (CLIENTS + 1) * CLIENT_SPACING, 1))
        return outcome.kind === 'reply' && outcome.status === 201
      })
    }
    return []
  } catch (error) {
    if (error instanceof WaitTimeoutError) return [`recovery: ${error.message}`]
    throw error
  }
}

async function earlierLoad (sql: Sql): Promise<string | undefined> {
  const [load] = await sql<{ id: string }>('select id from telco.loads where undone_at is null order by count desc, id limit 1')
  return load?.id
}
