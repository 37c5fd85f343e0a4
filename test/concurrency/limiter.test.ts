import t from 'tap'
import { Departure } from '../../lib/concurrency/departure.js'
import { Limiter } from '../../lib/concurrency/limiter.js'
import { Deferred } from '../support/deferred.js'

const WAITING = { maxWaiting: 10, queueTimeout: 60_000 }

interface Job {
  readonly outcome: Promise<string>
  readonly end: () => void
}

/** Starts work that ends when the test calls `end`; adds its name to `begun` when it begins. */
function job (limiter: Limiter, begun: string[], name: string, waiting: Partial<Parameters<Limiter['run']>[0]> = {}): Job {
  const work = new Deferred()
  const outcome = limiter.run({ ...WAITING, ...waiting }, async () => {
    begun.push(name)
    await work.promise
    return name
  })
  outcome.catch(() => {})
  return { outcome, end: work.resolve }
}

t.test('runs as much work at a time as its concurrency allows, and the rest in order', async t => {
  const limiter = new Limiter(2)
  const begun: string[] = []
  const jobs = ['a', 'b', 'c', 'd', 'e'].map(name => job(limiter, begun, name))
  t.strictSame(begun, ['a', 'b'])
  jobs[1]?.end()
  t.equal(await jobs[1]?.outcome, 'b')
  await new Promise(setImmediate)
  t.strictSame(begun, ['a', 'b', 'c'])
  for (const { end } of jobs) end()
  t.strictSame(await Promise.all(jobs.map(({ outcome }) => outcome)), ['a', 'b', 'c', 'd', 'e'])
  t.strictSame(begun, ['a', 'b', 'c', 'd', 'e'])
})

t.test('starts the next work after work that fails', async t => {
  const limiter = new Limiter(1)
  await t.rejects(limiter.run(WAITING, () => Promise.reject(new Error('failed'))), { message: 'failed' })
  t.equal(await limiter.run(WAITING, async () => 'next'), 'next')
})

t.test('starts work with priority before the rest of the queue', async t => {
  const limiter = new Limiter(1)
  const begun: string[] = []
  const jobs = [
    job(limiter, begun, 'running'), job(limiter, begun, 'other'), job(limiter, begun, 'priority', { hasPriority: true }),
    job(limiter, begun, 'priority too', { hasPriority: true })
  ]
  for (const { end } of jobs) end()
  await Promise.all(jobs.map(({ outcome }) => outcome))
  t.strictSame(begun, ['running', 'priority', 'priority too', 'other'])
})

t.test('refuses work immediately if the queue is full', async t => {
  const limiter = new Limiter(1)
  const begun: string[] = []
  const jobs = ['a', 'b', 'c'].map(name => job(limiter, begun, name, { maxWaiting: 2 }))
  await t.rejects(job(limiter, begun, 'd', { maxWaiting: 2 }).outcome, {
    code: 'TELCO_NUMBERS_OVERLOADED', statusCode: 503, message: 'the service is overloaded, 2 others are already waiting: try again later'
  })
  for (const { end } of jobs) end()
  await Promise.all(jobs.map(({ outcome }) => outcome))
  t.strictSame(begun, ['a', 'b', 'c'])
  await t.rejects(new Limiter(0).run({ ...WAITING, maxWaiting: 0 }, async () => {}), { code: 'TELCO_NUMBERS_OVERLOADED' })
})

t.test('refuses work that waits too long in the queue, and never begins it', async t => {
  const limiter = new Limiter(1)
  const begun: string[] = []
  const running = job(limiter, begun, 'running')
  await t.rejects(job(limiter, begun, 'late', { queueTimeout: 20 }).outcome, {
    code: 'TELCO_NUMBERS_OVERLOADED', message: /waited for 20 ms/
  })
  running.end()
  await running.outcome
  t.equal(await limiter.run(WAITING, async () => 'next'), 'next')
  t.strictSame(begun, ['running'])
})

t.test('never begins work that is aborted in the queue, and begins the next instead', async t => {
  const limiter = new Limiter(1)
  const begun: string[] = []
  const gone = new Departure()
  const running = job(limiter, begun, 'running', { departure: gone })
  const waiting = job(limiter, begun, 'gone', { departure: gone })
  const next = job(limiter, begun, 'next')
  gone.report(new Error('gone'))
  // In the same tick, before any promise callback runs.
  running.end()
  next.end()
  await t.rejects(waiting.outcome, { message: 'gone' })
  t.equal(await running.outcome, 'running', 'running work continues')
  t.equal(await next.outcome, 'next')
  t.strictSame(begun, ['running', 'next'])
  await t.rejects(job(limiter, begun, 'too late', { departure: gone }).outcome, { message: 'gone' })
  t.strictSame(begun, ['running', 'next'])
})
