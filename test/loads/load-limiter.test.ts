import pg from 'pg'
import t, { type Test } from 'tap'
import { loadLimiterOf } from '../../lib/loads/load-limiter.js'
import { Deferred } from '../support/deferred.js'

const WAITING = { maxWaiting: 1_000, queueTimeout: 60_000 }

/** Returns how many of 500 loads of `count` numbers run at once, behind 500 loads of `others` numbers if that is not 0. */
async function concurrencyOf (t: Test, pool: pg.Pool, count: number, others = 0): Promise<number> {
  const limiter = loadLimiterOf(pool)
  const work = new Deferred()
  let begun = 0
  const before = Array.from({ length: others && 500 }, () => limiter.run(others, WAITING, () => work.promise))
  const loads = Array.from({ length: 500 }, () => limiter.run(count, WAITING, async () => {
    begun++
    await work.promise
  }))
  // By now, all loads that may run have begun.
  await new Promise(setImmediate)
  const result = begun
  work.resolve()
  await Promise.all([...before, ...loads])
  t.equal(begun, 500)
  return result
}

t.test('runs one load per connection, and large loads on half of the connections', async t => {
  for (const [max, large] of [[20, 10], [10, 5], [3, 1], [2, 1], [1, 1]] as const) {
    const pool = new pg.Pool({ max })
    t.equal(await concurrencyOf(t, pool, 10_000), max, `${max} small ones`)
    t.equal(await concurrencyOf(t, pool, 10_001), large, `${max} large ones`)
    t.equal(await concurrencyOf(t, pool, 10_000, 1_000_000), max - large, `${max} small ones beside large ones`)
  }
})

t.test('runs loads of one number beside all others', async t => {
  const limiter = loadLimiterOf(new pg.Pool({ max: 1 }))
  const work = new Deferred()
  const large = limiter.run(1_000_000, WAITING, () => work.promise)
  t.equal(await limiter.runSingle(WAITING, async () => 'done'), 'done')
  work.resolve()
  await large
})

t.test('shares one limiter between all registrations on a pool', async t => {
  const pool = new pg.Pool()
  t.equal(loadLimiterOf(pool), loadLimiterOf(pool))
  t.not(loadLimiterOf(pool), loadLimiterOf(new pg.Pool()))
})

t.test('assumes ten connections for a pool without a valid size', async t => {
  const unsized = ['x', undefined, 0, -1, 1.5].map(max => ({ options: { max } }))
  for (const pool of [...unsized, {}]) t.equal(await concurrencyOf(t, pool as unknown as pg.Pool, 2), 10)
})
