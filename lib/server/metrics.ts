import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** In seconds, from a load of one number to the time limit of a statement. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

/** Serves `/metrics` for Prometheus: requests, added numbers, the pool, and the process. */
export function serveMetrics (app: FastifyInstance, pool: Pool): void {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const requests = new Counter({
    name: 'telco_numbers_requests_total', help: 'Replies by the code in the envelope.', labelNames: ['code'], registers
  })
  const loginFailures = new Counter({
    name: 'telco_numbers_login_failures_total', help: 'Requests with missing or wrong credentials.', registers
  })
  const numbers = new Counter({ name: 'telco_numbers_created_total', help: 'Numbers added.', registers })
  const durations = new Histogram({
    name: 'telco_numbers_load_duration_seconds', help: 'Time from request to reply, for requests that added numbers.',
    buckets: DURATION_BUCKETS, registers
  })
  new Gauge({
    name: 'telco_numbers_pool_connections', help: 'Connections to the database.', registers,
    collect () { this.set(pool.totalCount) }
  })
  new Gauge({
    name: 'telco_numbers_pool_idle_connections', help: 'Idle connections to the database.', registers,
    collect () { this.set(pool.idleCount) }
  })
  new Gauge({
    name: 'telco_numbers_pool_waiting_calls', help: 'Calls that wait for a connection.', registers,
    collect () { this.set(pool.waitingCount) }
  })

  app.addHook('onResponse', async (request, reply) => {
    const outcome = reply.telcoNumbers
    if (outcome === undefined) return
    requests.inc({ code: outcome.code })
    if (outcome.code === 401) loginFailures.inc()
    if (outcome.code !== 200 || !/\/(?:create|import)\/?$/.test(String(request.routeOptions.url))) return
    numbers.inc(outcome.count)
    durations.observe(reply.elapsedTime / 1000)
  })

  app.get('/metrics', { logLevel: 'warn', schema: { hide: true } }, async (_request, reply) => {
    reply.header('content-type', registry.contentType).header('cache-control', 'no-store')
    return await registry.metrics()
  })
}
