import fc from 'fast-check'
import t from 'tap'
import { fuzz } from '../../torture/fuzz/fuzz.js'
import { testCase } from '../../torture/fuzz/requests/test-cases.js'
import { DATABASE_URL } from '../support/host.js'

t.test('replies and stored rows match the model of the contract for generated requests', async t => {
  const settings = { seed: 1, requests: 3_000, databaseUrl: DATABASE_URL, log: (line: string) => { t.comment(line) } }
  const end = performance.now() + 10_000
  const { requests, violations } = await fuzz(settings, { hasTimeFor: () => performance.now() < end, testCases: 100 })
  t.strictSame(violations, [])
  t.ok(requests >= 400)
})

t.test('the same seed generates the same requests', async t => {
  const [one, same, other] = [7, 7, 8].map(seed => JSON.stringify(fc.sample(testCase, { seed, numRuns: 50 })))
  t.equal(one, same)
  t.not(one, other)
})
