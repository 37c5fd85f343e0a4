import t from 'tap'
import { isUnavailable, sqlStateOf } from '../../lib/database/sqlstate.js'

t.test('returns a SQLSTATE for errors of PostgreSQL only', async t => {
  t.equal(sqlStateOf(Object.assign(new Error('of PostgreSQL'), { severity: 'ERROR', code: '23505' })), '23505')
  t.equal(sqlStateOf(Object.assign(new Error('of Node.js'), { code: 'EPIPE' })), undefined)
  t.equal(sqlStateOf(Object.assign(new Error('of a library'), { severity: 'ERROR', code: 42 })), undefined)
  t.equal(sqlStateOf(Object.assign(new Error('of a library'), { severity: 'ERROR' })), undefined)
  t.equal(sqlStateOf({ severity: 'ERROR', code: '23505' }), undefined)
  t.equal(sqlStateOf(undefined), undefined)
})

t.test('treats a server that shuts down, starts up or is full as unavailable', async t => {
  for (const state of ['08000', '08006', '57P01', '57P02', '57P03', '53100', '53200', '53300', '58030', '25006', '0A000']) {
    t.ok(isUnavailable(new Error(), state), state)
  }
  for (const state of ['57014', '28P01', '42P01', '23505']) t.notOk(isUnavailable(new Error(), state), state)
  t.ok(isUnavailable(Object.assign(new Error(), { severity: 'FATAL' }), '25P04'))
  t.notOk(isUnavailable(Object.assign(new Error(), { severity: 'ERROR' }), '25P04'))
})
