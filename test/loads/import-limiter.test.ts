import t from 'tap'
import { demoHost } from '../support/host.js'
import { Deferred } from '../support/deferred.js'

const DEFAULTS = { class: 1, ingroup: 2 }
const LARGE = `number,Note\n${Array.from({ length: 10 }, (_, index) => `${401 + index},${'x'.repeat(10_000)}\n`).join('')}`

t.test('reads one large file at a time, because its rows take much memory, and small ones beside it', async t => {
  const { app } = await demoHost(t, { queueTimeout: 100 })
  const rest = new Deferred()
  const begun = new Deferred()
  async function* slow (): AsyncGenerator<string> {
    yield '301\n'
    begun.resolve()
    await rest.promise
  }
  const first = app.telcoNumbers.import(slow(), DEFAULTS)
  await begun.promise
  const refused = { code: 'TELCO_NUMBERS_OVERLOADED', statusCode: 503 }
  await t.rejects(app.telcoNumbers.import(LARGE, DEFAULTS), refused)
  await t.rejects(app.telcoNumbers.import(Array.from({ length: 6_000 }, (_, index) => ({ number: `6${index}` })), DEFAULTS), refused)
  t.match(await app.telcoNumbers.import('501\n', DEFAULTS), { count: 1 })
  t.match(await app.telcoNumbers.import([{ number: '502' }], DEFAULTS), { count: 1 })
  t.match(await app.telcoNumbers.import(Buffer.from('503'), DEFAULTS), { count: 1 })
  rest.resolve()
  t.match(await first, { count: 1 })
  t.match(await app.telcoNumbers.import(LARGE, DEFAULTS), { count: 10 })
})
