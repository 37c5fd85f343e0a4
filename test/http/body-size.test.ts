import t from 'tap'
import { demoHost, USER, type Answer } from '../support/host.js'
import { FORM, JSON_OBJECT } from '../support/endpoint.js'

const LONG = 70_000
const IMPORT = '/api/json/numbers/system/import'
const CREDENTIALS = new URLSearchParams({ ...USER, class: '1', ingroup: '1', validation: '1' }).toString()

t.test('refuses a large body of many parameters, which would take many times its size in memory', async t => {
  const { app } = await demoHost(t, { endpoints: ['import'] })
  const codeOf = async (contentType: string, payload: string): Promise<string | undefined> => {
    const reply = await app.inject({ method: 'POST', url: `${IMPORT}?${CREDENTIALS}`, headers: { 'content-type': contentType }, payload })
    return reply.json<Answer>().responses[0]?.code
  }
  for (const form of ['&', ';', 'a=1&', 'a&', `a=${'x'.repeat(40_000)}&`].map(pair => pair.repeat(LONG / pair.length + 2))) {
    t.equal(await codeOf(FORM, form), '413', form.slice(0, 5))
  }
  for (const json of [
    '['.repeat(LONG), '1'.repeat(LONG), '""'.repeat(LONG), `{"csv":"1"${',"a":1'.repeat(LONG)}}`, '"\\"'.repeat(LONG), `{"a":${'['.repeat(LONG)}`
  ]) {
    t.equal(await codeOf(JSON_OBJECT, json), '413', json.slice(0, 5))
  }
  // One long parameter is a file, and is read.
  t.equal(await codeOf(FORM, `csv=${'301%0A'.repeat(LONG)}`), '400')
  t.equal(await codeOf(FORM, `csv=${'%0A'.repeat(LONG)}301`), '201')
  t.equal(await codeOf(JSON_OBJECT, JSON.stringify({ csv: `number\n${'""\n'.repeat(LONG)}` })), '400')
  t.equal(await codeOf(JSON_OBJECT, JSON.stringify({ csv: `${'\n'.repeat(LONG)}301` })), '201')
  t.equal(await codeOf(JSON_OBJECT, `"${'x'.repeat(LONG)}`), '400')
})
