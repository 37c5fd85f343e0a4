// Requests byte for byte as PHP 8.2 sends them: http_build_query, and file_get_contents with a stream context.
import t from 'tap'
import { serveExistingClients } from '../support/strict-client.js'

const PATH = '/api/json/numbers/system/create'

// http_build_query([…, 'class' => 1, 'alias' => '+4930', 'charge_customer' => false, 'validation' => true, 'region' => null])
const CREDENTIALS = 'auth_username=user&auth_password=p%40ss+word%2B1%3B%26%3D%25%C3%A9'
const REST = 'class=1&ingroup=2&alias=%2B4930&charge_customer=0&stype=number'
const RFC1738 = `${CREDENTIALS}&start=02125550000&${REST}`
const RFC3986 = RFC1738.replaceAll('+', '%20')

function get (query: string, path = PATH): string {
  return `GET ${path}?${query} HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nConnection: close\r\n\r\n`
}

function post (content: string, path = PATH): string {
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nConnection: close\r\nContent-Length: ${content.length}\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\n\r\n${content}`
}

t.test('accepts both encodings of http_build_query, with & and with ;, with and without the trailing slash', async t => {
  const { send, sql } = await serveExistingClients(t)
  for (const query of [RFC1738, RFC3986, RFC1738.replaceAll('&', ';')]) {
    for (const path of [PATH, `${PATH}/`]) {
      t.strictSame(await send(get(`${query}&validation=1`, path)), ['201', 'count 0'])
      t.strictSame(await send(post(`${query}&validation=1`, path)), ['201', 'count 0'])
    }
  }
  t.strictSame(await send(post(RFC1738)), ['200', 'count 1'])
  t.match(await sql('select number, alias from numbers'), [{ number: '02125550000', alias: '+4930' }])
})

t.test('accepts a POST with all parameters in its query, and neither a length nor a type', async t => {
  const { send } = await serveExistingClients(t)
  t.strictSame(await send(`POST ${PATH}/?${RFC1738} HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nConnection: close\r\n\r\n`), ['200', 'count 1'])
})

t.test('accepts HTTP/1.0, which the http wrapper of older versions uses', async t => {
  const { send } = await serveExistingClients(t)
  t.strictSame(await send(`GET ${PATH}?${RFC1738} HTTP/1.0\r\nHost: 127.0.0.1:3000\r\nConnection: close\r\n\r\n`), ['200', 'count 1'])
  t.strictSame(await send(`GET ${PATH}?${RFC1738} HTTP/1.0\r\n\r\n`), ['400 start', '400 alias'])
})

t.test('treats a parameter that is an array as an unknown name', async t => {
  const { send } = await serveExistingClients(t)
  const arrays = `${CREDENTIALS}&start%5B0%5D=1&start%5B1%5D=2&class=1&ingroup=2&options%5Bk%5D%5B0%5D=z`
  t.strictSame(await send(post(arrays)), ['400 start'])
  t.strictSame(await send(post(`${arrays}&start=3`)), ['200', 'count 1'])
})

t.test('sends every refusal with HTTP 200', async t => {
  const { send } = await serveExistingClients(t)
  t.strictSame(await send(post(RFC1738.replace('%C3%A9', 'e'))), ['401'])
  t.strictSame(await send(post(`auth_username=clerk&auth_password=password&start=1&${REST}`)), ['402'])
  t.strictSame(await send(post(`${CREDENTIALS}&start=2-3&class=9&ingroup=2`)), ['400 start', '400 class'])
})
