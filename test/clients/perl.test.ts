// Requests byte for byte as Perl's libwww 6.68 sends them: URI->query_form, URI::Escape, HTTP::Request::Common, LWP::UserAgent.
import t from 'tap'
import { serveExistingClients } from '../support/strict-client.js'

const PATH = '/api/json/numbers/system/create'
const HEADERS = 'TE: deflate,gzip;q=0.3\r\nConnection: TE, close\r\nHost: 127.0.0.1:3000\r\nUser-Agent: libwww-perl/6.68\r\n'
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n'

// query_form writes undef as an empty value, and does not escape ~ * ( ) ! '.
const CREDENTIALS = 'auth_username=user&auth_password=p%40ss+word%2B1%3B%26%3D%25%C3%A9'
const REST = 'class=1&ingroup=2&charge_customer=0&region=&stype=number&comment=a~b*c-d_e.f(g)!\''
const QUERY_FORM = `${CREDENTIALS}&start=02125550000&end=02125550009&alias=%2B4930&${REST}`
const URI_ESCAPE = QUERY_FORM.replaceAll('+', '%20').replaceAll('&', ';')

t.test('accepts query_form with & and ;, and uri_escape joined with ;, with and without the trailing slash', async t => {
  const { send, sql } = await serveExistingClients(t)
  for (const query of [QUERY_FORM, QUERY_FORM.replaceAll('&', ';'), URI_ESCAPE]) {
    for (const path of [PATH, `${PATH}/`]) {
      t.strictSame(await send(`GET ${path}?${query}&validation=1 HTTP/1.1\r\n${HEADERS}\r\n`), ['201', 'count 0'])
    }
  }
  t.strictSame(await send(`GET ${PATH}/?${URI_ESCAPE} HTTP/1.1\r\n${HEADERS}\r\n`), ['200', 'count 10'])
  t.match(await sql('select min(number) as first, max(alias) as last from numbers'), [{ first: '02125550000', last: '+4939' }])
})

t.test('accepts a form of HTTP::Request::Common', async t => {
  const { send } = await serveExistingClients(t)
  const post = (content: string): string => `POST ${PATH} HTTP/1.1\r\n${HEADERS}Content-Length: ${content.length}\r\n${FORM}\r\n${content}`
  t.strictSame(await send(post(QUERY_FORM)), ['200', 'count 10'])
  t.strictSame(await send(post(QUERY_FORM)), ['400 start', '400 alias'])
  t.strictSame(await send(post(`auth_username=user&auth_password=&start=1&${REST}`)), ['401'])
})

t.test('accepts an empty POST with all parameters in its query, the length 0 and the type of a form', async t => {
  const { send } = await serveExistingClients(t)
  for (const path of [PATH, `${PATH}/`]) {
    t.strictSame(
      await send(`POST ${path}?${URI_ESCAPE};validation=1 HTTP/1.1\r\n${HEADERS}Content-Length: 0\r\n${FORM}\r\n`), ['201', 'count 0'])
  }
})
