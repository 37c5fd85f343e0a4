// Requests as existing clients send them, in any language.
import t from 'tap'
import { serveExistingClients } from '../support/strict-client.js'

const PATH = '/api/json/numbers/system/create'
const CALL = 'auth_username=user;auth_password=p%40ss%20word%2B1%3B%26%3D%25%C3%A9;start=0722776123;class=1;ingroup=2;validation=1'
const HOST = 'Host: 127.0.0.1:3000\r\nConnection: close\r\n'

t.test('accepts a POST with all parameters in its query, however the headers describe its empty body', async t => {
  const { send } = await serveExistingClients(t)
  for (const headers of [
    '', 'Content-Length: 0\r\n', 'Content-Type: application/x-www-form-urlencoded\r\n',
    'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n', 'Content-Type: application/json\r\nContent-Length: 0\r\n',
    'Content-Type: Application/JSON\r\n', 'Content-Type: text/plain; charset=utf-8\r\nContent-Length: 0\r\n'
  ]) {
    for (const path of [PATH, `${PATH}/`]) {
      t.strictSame(await send(`POST ${path}?${CALL} HTTP/1.1\r\n${HOST}${headers}\r\n`), ['201', 'count 0'], headers)
    }
  }
})

t.test('accepts a GET without a body whose Content-Type is JSON', async t => {
  const { send } = await serveExistingClients(t)
  t.strictSame(await send(`GET ${PATH}?${CALL} HTTP/1.1\r\n${HOST}Content-Type: Application/JSON\r\n\r\n`), ['201', 'count 0'])
})

t.test('accepts HTTP/1.0 without a Host, and a connection with keep-alive', async t => {
  const { send } = await serveExistingClients(t)
  t.strictSame(await send(`GET ${PATH}/?${CALL} HTTP/1.0\r\n\r\n`), ['201', 'count 0'])
  t.strictSame(await send(`POST ${PATH}/?${CALL} HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n`), ['201', 'count 0'])
  t.strictSame(await send(`GET ${PATH}/?${CALL} HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nConnection: keep-alive\r\n\r\n`), ['201', 'count 0'])
})

t.test('accepts both separators, in query and form together', async t => {
  const { send } = await serveExistingClients(t)
  const [credentials = '', rest = ''] = CALL.split(/;(start.*)/)
  const content = rest.replace(';', '&')
  t.strictSame(await send(
    `POST ${PATH}/?${credentials} HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n` +
    `Content-Length: ${content.length}\r\n\r\n${content}`), ['201', 'count 0'])
})

t.test('keeps the HTTP status of a request that is not a call of the endpoint, which such a client refuses', async t => {
  const { send } = await serveExistingClients(t)
  await t.rejects(send(`DELETE ${PATH}?${CALL} HTTP/1.1\r\n${HOST}\r\n`), /not 200: HTTP\/1\.1 405 /)
  await t.rejects(send(`GET ${PATH}/x?${CALL} HTTP/1.1\r\n${HOST}\r\n`), /not 200: HTTP\/1\.1 404 /)
})
