import t from 'tap'
import { logRequest } from '../../lib/http/log-serializers.js'
import { callOf, demoHost, PATH } from '../support/host.js'
import { CHECK, FORM, NUMBER, outcomeOf, post } from '../support/endpoint.js'

t.test('logs every call, and no credential', async t => {
  const lines: string[] = []
  const logger = { level: 'trace', stream: { write: (line: string) => { lines.push(line) } } }
  const { app } = await demoHost(t, {}, { logger })
  const secret = callOf({ ...CHECK, auth_username: 'intruder', auth_password: 's3cret' })
  for (const request of [
    callOf(NUMBER), secret, secret.replace('?', '/?'), secret.replace('?', '/below?'), secret.replace('?', '#'),
    { method: 'PUT', url: secret } as const,
    post(FORM, 'auth_username=intruder&auth_password=s3cret'),
    post('text/plain', 's3cret', secret)
  ]) {
    await outcomeOf(app, request)
  }
  const log = lines.join('')
  t.match(log, `"method":"GET","url":"${PATH}","host":"localhost:80","remoteAddress":"127.0.0.1"`)
  t.equal(lines.filter(line => line.includes('incoming request')).length, 8)
  t.notMatch(log, /s3cret|intruder|password/)
})

t.test('logs neither credentials before a host name nor control characters', async t => {
  const logged = (url: string, host = 'x', ip = '192.0.2.1') => logRequest({ method: 'GET', url, host, ip, socket: { remotePort: 1 } })
  for (const [url, path] of [
    ['http://user:s3cret@host/a/b?c', '/a/b'], ['http://user:s3?cret@host', '/'], ['http://user:s3/cret@host/a', 'host/a'],
    ['//user:s3cret@host/a', 'host/a'], ['/a%40b', 'b'], ['/a/b', '/a/b']
  ] as const) {
    t.equal(logged(url).url, path, url)
  }
  t.match(logRequest({ method: 'GET', url: '/', host: 'x', socket: { remotePort: undefined } }), { remoteAddress: undefined }, 'a Unix socket')
  t.match(logged('/', 'user:s3cret@host:80', '\x9b31m\x1b\n'), { host: 'host:80', remoteAddress: '\\u009b31m\\u001b\n' })
})
