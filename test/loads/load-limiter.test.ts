import pg from 'pg'
import t, { type Test } from 'tap'
import { loadLimiterOf } from '../../lib/loads/load-limiter.js'
import { Lasting } from '../support/limiter.js'

const WAITING = { maxWaiting: 1_000, queueTimeout: 60_000 }

/** How many loads of `count` numbers run at a time, of a thousand, while as many of `others` have come before. */
async function running (t: Test, pool: pg.Pool, count: number, others = 0): Promise<number> {
  const admission = loadLimiterOf(pool)
  const work = new Lasting()
  let begun = 0
  const before = Array.from({ length: others && 500 }, () => admission.run(others, WAITING, () => work.ended))
  const loads = Array.from({ length: 500 }, () => admission.run(count, WAITING, async () => {
    begun++
    await work.ended
  }))
  // Everybody whose turn has come has been begun by now.
  await new Promise(setImmediate)
  const result = begun
  work.end()
  await Promise.all([...before, ...loads])
  t.equal(begun, 500)
  return result
}

t.test('there is a connection for every load that runs, and large ones run on half of them', async t => {
  for (const [max, large] of [[20, 10], [10, 5], [3, 1], [2, 1], [1, 1]] as const) {
    const pool = new pg.Pool({ max })
    t.equal(await running(t, pool, 10_000), max, `${max} small ones`)
    t.equal(await running(t, pool, 10_001), large, `${max} large ones`)
    t.equal(await running(t, pool, 10_000, 1_000_000), max - large, `${max} small ones beside large ones`)
  }
})

t.test('loads of one number do not take the place of others', async t => {
  const admission = loadLimiterOf(new pg.Pool({ max: 1 }))
  const work = new Lasting()
  const large = admission.run(1_000_000, WAITING, () => work.ended)
  t.equal(await admission.runSingle(WAITING, async () => 'done'), 'done')
  work.end()
  await large
})

t.test('registrations on one pool share its connections', async t => {
  const pool = new pg.Pool()
  t.equal(loadLimiterOf(pool), loadLimiterOf(pool))
  t.not(loadLimiterOf(pool), loadLimiterOf(new pg.Pool()))
})

t.test('a pool that does not tell its size has ten connections', async t => {
  const usual = ['x', undefined, 0, -1, 1.5].map(max => ({ options: { max } }))
  for (const pool of [...usual, {}]) t.equal(await running(t, pool as unknown as pg.Pool, 2), 10)
})
