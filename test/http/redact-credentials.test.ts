import fc from 'fast-check'
import t from 'tap'
import { redactCredentials } from '../../lib/index.js'

const PATH = '/api/json/numbers/system/create'

t.test('keeps only the path of a URL in a text with credentials', async t => {
  for (const [text, redacted] of [
    [`https://host${PATH}?auth_username=ann&auth_password=s3cret`, `https://host${PATH}[redacted]`],
    [`GET ${PATH};auth_password=s3cret;start=1`, `GET ${PATH}[redacted]`],
    [`${PATH}%3Fauth%5Fpassword%3Ds3cret`, `${PATH}[redacted]`],
    [`${PATH}?auht_pssword=s3cret`, `${PATH}[redacted]`],
    ['/elsewhere?start=1;auth_pasword=s3cret', '/elsewhere[redacted]'],
    ['auth_username=ann;auth_password=s3cret', 'auth_username[redacted]'],
    ['AUTH-PASSWORD: s3cret', '[redacted]'],
    ['{"auth_password":"s3cret"}', '[redacted]'],
    ['sent {"auth\\u005fpassword":"s3=cret"}', 'sent [redacted]'],
    ['"{\\"passwd\\": \\"s3cret\\"}"', '"[redacted]']
  ] as const) {
    t.equal(redactCredentials([text])[0], redacted, text)
  }
})

t.test('does not change other text', async t => {
  for (const text of [
    PATH, `{"url":"${PATH}","statusCode":200}`, '/customers?id=5;name=%41&c=%C3%A9', 'authorization failed; see author=1',
    'the password is wrong', ''
  ]) {
    t.equal(redactCredentials([text])[0], text)
  }
  for (const report of [undefined, null, 5, 'auth_password=unchanged, because a text is no report']) t.equal(redactCredentials(report), report)
})

t.test('redacts properties by their name, and bodies and queries beside a path of an endpoint', async t => {
  class Foreign { readonly auth_password = 'kept' }
  const report = {
    request: { url: `http://host${PATH}`, method: 'POST', query_string: 'a=1', data: 's3cret', body: {}, cookies: 'a=1' },
    attributes: { 'url.path': { value: PATH, type: 'string' }, 'http.request.body.data': { value: 's3cret', type: 'string' } },
    elsewhere: { url: '/elsewhere', query_string: 'a=1', data: 'b' },
    extra: { auth_username: 'ann', password: 's3cret', auth_password: ['s3cret', ''], attempts: 2, empty: null },
    bare: Object.assign(Object.create(null), { auth_password: 's3cret' }) as unknown,
    foreign: new Foreign()
  }
  const circular = { report, self: {} }
  circular.self = circular
  t.equal(redactCredentials(circular), circular)
  const redacted = '[redacted]'
  t.strictSame({ ...report, bare: { ...report.bare as object } }, {
    request: { url: `http://host${PATH}`, method: 'POST', query_string: redacted, data: redacted, body: {}, cookies: 'a=1' },
    attributes: { 'url.path': { value: PATH, type: 'string' }, 'http.request.body.data': { value: redacted, type: 'string' } },
    elsewhere: { url: '/elsewhere', query_string: 'a=1', data: 'b' },
    extra: { auth_username: redacted, password: redacted, auth_password: [redacted, ''], attempts: 2, empty: null },
    bare: { auth_password: redacted },
    foreign: new Foreign()
  })
})

t.test('leaves no password in a text, wherever and however a client has written it', async t => {
  const encoded = fc.constantFrom((text: string) => text, encodeURIComponent, (text: string) => (
    text.replaceAll(/[^a-z0-9]/gi, letter => `%${letter.charCodeAt(0).toString(16)}`)))
  fc.assert(fc.property(
    fc.string(), fc.constantFrom('?', ';', '&', '#', '{"', ' '), fc.constantFrom('=', '":"', ': "', '=&'), fc.string(), encoded,
    (before, delimiter, sign, after, encode) => {
      const [text] = redactCredentials([`${before}${encode(`${delimiter}auth_password${sign}S3CRET`)}${delimiter}${after}`])
      return !text.includes('S3CRET')
    }))
  t.pass()
})

t.test('searches a text of many paths once', async t => {
  const paths = 'numbers/system/'.repeat(100_000)
  t.strictSame(redactCredentials([`${paths} x`, `${paths} numbers/system/get?a=1`]), [`${paths} x`, `${paths} numbers/system/get[redacted]`])
})
