import t from 'tap'
import { call, callOf, PATH, USER } from '../support/host.js'
import { openSession } from '../support/session.js'
import { until } from '../support/until.js'
import { serve } from '../support/server.js'

t.jobs = 2

/** Returns the samples of a scrape: values by name and labels. */
function samplesOf (text: string): Record<string, number> {
  return Object.fromEntries(text.split('\n').filter(line => line !== '' && !line.startsWith('#')).map(line => {
    const position = line.lastIndexOf(' ')
    return [line.slice(0, position), Number(line.slice(position + 1))]
  }))
}

t.test('/metrics counts replies by their code, numbers, durations and failed logins', async t => {
  const { app } = await serve(t, { HTTP_STATUS: 'always-200' })
  const scrape = async (): Promise<Record<string, number>> => samplesOf((await app.inject('/metrics')).body)
  t.match(await scrape(), { telco_numbers_created_total: 0, telco_numbers_login_failures_total: 0 })

  await call(app, { start: '100', end: '199', class: 1, ingroup: 1 })
  await call(app, { start: '200', class: 1, ingroup: 1 })
  await call(app, { start: '200', class: 1, ingroup: 1 })
  await call(app, { start: '300', class: 1, ingroup: 1, validation: 1 })
  for (const validation of ['1', '']) {
    await app.inject({ method: 'POST', url: PATH.replace('create', 'import'), payload: { ...USER, csv: '400\n402', class: 1, ingroup: 1, validation } })
  }
  for (const url of [PATH, callOf({ auth_password: 'wrong' })]) await app.inject(url)
  await app.inject({ url: PATH, method: 'DELETE' })
  await app.inject('/health/live')

  await until(async () => (await scrape())['telco_numbers_requests_total{code="405"}'] === 1)
  const samples = await scrape()
  t.match(samples, {
    'telco_numbers_requests_total{code="200"}': 3,
    'telco_numbers_requests_total{code="201"}': 2,
    'telco_numbers_requests_total{code="400"}': 1,
    'telco_numbers_requests_total{code="401"}': 2,
    telco_numbers_created_total: 103,
    telco_numbers_login_failures_total: 2,
    telco_numbers_load_duration_seconds_count: 3,
    'telco_numbers_load_duration_seconds_bucket{le="+Inf"}': 3,
    process_cpu_seconds_total: Number
  })
  t.notOk('telco_numbers_requests_total{code="404"}' in samples, 'health checks are not counted')
  t.ok((samples.telco_numbers_load_duration_seconds_sum ?? 0) > 0)
})

t.test('/metrics has the state of the pool', async t => {
  const { app, ...database } = await serve(t, { POOL_SIZE: '1', LOCK_TIMEOUT: '60000' })
  const scrape = async (): Promise<Record<string, number>> => samplesOf((await app.inject('/metrics')).body)
  const session = await openSession(t, database)
  await session.query('begin; lock table numbers')
  const calls = ['1', '2'].map(start => call(app, { start, class: 1, ingroup: 1 }))
  await session.waitedFor()
  await until(async () => (await scrape()).telco_numbers_pool_waiting_calls === 1)
  t.match(await scrape(), { telco_numbers_pool_connections: 1, telco_numbers_pool_idle_connections: 0 })
  await session.query('rollback')
  t.match(await Promise.all(calls), [{ data: { count: 1 } }, { data: { count: 1 } }])
  t.match(await scrape(), { telco_numbers_pool_waiting_calls: 0, telco_numbers_pool_idle_connections: 1 })
})

t.test('/metrics is text for Prometheus, without callers', async t => {
  const { app } = await serve(t)
  await app.inject(callOf({ auth_username: 'MARKER', auth_password: 'MARKER' }))
  const reply = await app.inject('/metrics')
  t.match(reply.headers, { 'content-type': /^text\/plain; version=0\.0\.4/, 'cache-control': 'no-store' })
  t.match(reply.body, '# TYPE telco_numbers_load_duration_seconds histogram')
  t.notMatch(reply.body, 'MARKER')
})
