import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { readConfiguration } from '../../lib/config/configuration.js'
import { buildServer } from '../../lib/server/server.js'
import { DATABASE_URL, demoSchema, type TestSchema } from './host.js'

/** The stand-alone server over a schema with demo data, not listening yet; it closes with the test. */
export async function serve (
  t: Test, environment: NodeJS.ProcessEnv = {}, databaseUrl = DATABASE_URL
): Promise<TestSchema & { readonly app: FastifyInstance }> {
  const database = await demoSchema(t)
  const app = await buildServer(readConfiguration({ SCHEMA: database.schema, LOG_LEVEL: 'silent', ...environment }), databaseUrl)
  t.teardown(() => app.close())
  return { ...database, app }
}
