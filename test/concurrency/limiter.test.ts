import t from 'tap'
import { Limiter } from '../../lib/concurrency/limiter.js'
import { Lasting } from '../support/limiter.js'

const WAITING = { maxWaiting: 10, queueTimeout: 60_000 }

interface Job {
  readonly outcome: Promise<string>
  readonly end: () => void
}

/** Starts work that ends when told to, and notes in `begun` that its turn has come. */
function job (gate: Limiter, begun: string[], name: string, waiting: Partial<Parameters<Limiter['run']>[0]> = {}): Job {
  const work = new Lasting()
  const outcome = gate.run({ ...WAITING, ...waiting }, async () => {
    begun.push(name)
    await work.ended
    return name
  })
  outcome.catch(() => {})
  return { outcome, end: work.end }
}

t.test('as much work goes on at a time as there are places, and the rest follows in its order', async t => {
  const gate = new Limiter(2)
  const begun: string[] = []
  const jobs = ['a', 'b', 'c', 'd', 'e'].map(name => job(gate, begun, name))
  t.strictSame(begun, ['a', 'b'])
  jobs[1]?.end()
  t.equal(await jobs[1]?.outcome, 'b')
  await new Promise(setImmediate)
  t.strictSame(begun, ['a', 'b', 'c'])
  for (const { end } of jobs) end()
  t.strictSame(await Promise.all(jobs.map(({ outcome }) => outcome)), ['a', 'b', 'c', 'd', 'e'])
  t.strictSame(begun, ['a', 'b', 'c', 'd', 'e'])
})

t.test('work that fails leaves its place', async t => {
  const gate = new Limiter(1)
  await t.rejects(gate.run(WAITING, () => Promise.reject(new Error('failed'))), { message: 'failed' })
  t.equal(await gate.run(WAITING, async () => 'next'), 'next')
})

t.test('urgent work goes before the rest that waits', async t => {
  const gate = new Limiter(1)
  const begun: string[] = []
  const jobs = [
    job(gate, begun, 'running'), job(gate, begun, 'other'), job(gate, begun, 'urgent', { hasPriority: true }),
    job(gate, begun, 'urgent too', { hasPriority: true })
  ]
  for (const { end } of jobs) end()
  await Promise.all(jobs.map(({ outcome }) => outcome))
  t.strictSame(begun, ['running', 'urgent', 'urgent too', 'other'])
})

t.test('when too many wait, the next is refused at once', async t => {
  const gate = new Limiter(1)
  const begun: string[] = []
  const jobs = ['a', 'b', 'c'].map(name => job(gate, begun, name, { maxWaiting: 2 }))
  await t.rejects(job(gate, begun, 'd', { maxWaiting: 2 }).outcome, {
    code: 'TELCO_NUMBERS_OVERLOADED', statusCode: 503, message: 'the service is overloaded, 2 others are waiting already: try again later'
  })
  for (const { end } of jobs) end()
  await Promise.all(jobs.map(({ outcome }) => outcome))
  t.strictSame(begun, ['a', 'b', 'c'])
  await t.rejects(new Limiter(0).run({ ...WAITING, maxWaiting: 0 }, async () => {}), { code: 'TELCO_NUMBERS_OVERLOADED' })
})

t.test('work whose turn does not come in time is refused, and never begun', async t => {
  const gate = new Limiter(1)
  const begun: string[] = []
  const running = job(gate, begun, 'running')
  await t.rejects(job(gate, begun, 'late', { queueTimeout: 20 }).outcome, {
    code: 'TELCO_NUMBERS_OVERLOADED', message: /the turn did not come within 20 ms/
  })
  running.end()
  await running.outcome
  t.equal(await gate.run(WAITING, async () => 'next'), 'next')
  t.strictSame(begun, ['running'])
})

t.test('who gives up while waiting is never begun, and leaves the place to the next', async t => {
  const gate = new Limiter(1)
  const begun: string[] = []
  const gone = new AbortController()
  const running = job(gate, begun, 'running', { signal: gone.signal })
  const waiting = job(gate, begun, 'gone', { signal: gone.signal })
  const next = job(gate, begun, 'next')
  gone.abort(new Error('gone'))
  // In the same breath, before anybody could hear of it.
  running.end()
  next.end()
  await t.rejects(waiting.outcome, { message: 'gone' })
  t.equal(await running.outcome, 'running', 'what runs goes on')
  t.equal(await next.outcome, 'next')
  t.strictSame(begun, ['running', 'next'])
  await t.rejects(job(gate, begun, 'too late', { signal: gone.signal }).outcome, { message: 'gone' })
  t.strictSame(begun, ['running', 'next'])
})
