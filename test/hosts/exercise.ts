import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { callOf, keysOf, PATH, USER, type Answer } from '../support/host.js'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** Calls the endpoint at `path` in every way that the contract allows; the replies must be the same in every host. */
export async function exercise (t: Test, app: FastifyInstance, path = PATH): Promise<void> {
  const at = (url: string): string => url.replace(PATH, path)
  const credentials = new URLSearchParams(USER).toString()

  const semicolons = await app.inject(`${path}/?${credentials.replace('&', ';')};start=2125550000;class=1;ingroup=2`)
  t.equal(semicolons.payload, '{"responses":[{"code":"200","key":"","message":"OK"}],"data":{"count":1}}', 'GET with semicolons')
  t.match(semicolons.headers, { 'content-type': /^application\/json/, 'cache-control': 'no-store' })

  const form = await app.inject({
    method: 'POST', url: path, headers: FORM, payload: `${credentials};start=0390000000&end=0390000999;class=1&ingroup=2`
  })
  t.match(form.json<Answer>(), { data: { count: 1000 } }, 'POST of a form')

  const json = await app.inject({
    method: 'POST', url: `${path}/?stype=callerid`, payload: { ...USER, start: '5', class: 1, ingroup: '2', end: '' }
  })
  t.match(json.json<Answer>(), { data: { count: 1 } }, 'POST of JSON')

  const empty = await app.inject({
    method: 'POST', url: at(callOf({ start: '6', class: 1, ingroup: 2 })), headers: { 'content-type': 'Application/JSON' }
  })
  t.match(empty.json<Answer>(), { data: { count: 1 } }, 'POST with everything in the query')

  const refused = await app.inject(at(callOf({ start: '12-3', class: 'x', ingroup: 99, customer: -1, extra: 1 })))
  t.equal(refused.statusCode, 400)
  t.strictSame(keysOf(refused.json()), ['start', 'class', 'ingroup', 'customer'], 'every 400 in one reply')

  const validated = await app.inject(at(callOf({ start: '7', class: 1, ingroup: 2, validation: 1 })))
  t.match([validated.statusCode, validated.json<Answer>()], [201, { responses: [{ code: '201' }], data: { count: 0 } }])

  for (const [options, code] of [
    [{ method: 'GET', url: path }, 401],
    [{ method: 'GET', url: at(callOf({ auth_username: 'clerk' })) }, 402],
    [{ method: 'DELETE', url: at(callOf({ start: '8', class: 1, ingroup: 2 })) }, 405],
    [{ method: 'GET', url: `${path}/more` }, 404],
    [{ method: 'POST', url: path, headers: { 'content-type': 'text/csv' }, payload: 'start' }, 415],
    [{ method: 'POST', url: path, headers: FORM, payload: 'x'.repeat(100_000) }, 413]
  ] as const) {
    const reply = await app.inject(options)
    t.match([reply.statusCode, reply.json<Answer>().responses], [code, [{ code: String(code), key: '' }]], `${code}`)
  }
  const head = await app.inject({ method: 'HEAD', url: at(callOf({ start: '8', class: 1, ingroup: 2 })) })
  t.match([head.statusCode, head.headers.allow, head.payload], [405, 'GET, POST', ''], 'HEAD')
}
