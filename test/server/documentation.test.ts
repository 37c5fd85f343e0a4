import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { serve } from '../support/server.js'

t.test('/documentation/json describes the endpoints, and nothing else, in valid OpenAPI', async t => {
  const { app } = await serve(t, { PREFIX: '/telco' })
  const description = (await app.inject('/documentation/json')).json<Record<string, unknown>>()
  t.match(await new Validator().validate(structuredClone(description)), { valid: true })
  t.strictSame(Object.keys(description.paths as object), ['create', 'get', 'list', 'update', 'delete', 'import'].map(name => `/telco/numbers/system/${name}/`))
})

t.test('the page loads nothing from other hosts, and works without TLS', async t => {
  const { app } = await serve(t)
  const page = await app.inject('/documentation/')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-security-policy'], /^default-src 'self'; /)
  t.notMatch(page.headers['content-security-policy'], /upgrade-insecure-requests|https:|validator/)
})
