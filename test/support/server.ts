import { createServer, type AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { readConfiguration } from '../../lib/config/configuration.js'
import { buildServer } from '../../lib/server/server.js'
import { DATABASE_URL, demoSchema, type TestSchema } from './host.js'

/** The stand-alone server on a schema with demo data, which does not listen yet; it closes when the test ends. */
export async function serve (
  t: Test, environment: NodeJS.ProcessEnv = {}, databaseUrl = DATABASE_URL
): Promise<TestSchema & { readonly app: FastifyInstance }> {
  const database = await demoSchema(t)
  const app = await buildServer(readConfiguration({ SCHEMA: database.schema, LOG_LEVEL: 'silent', ...environment }), databaseUrl)
  t.teardown(() => app.close())
  return { ...database, app }
}

/** Returns a port that no program listens on. */
export async function freePort (): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => { server.close(resolve) })
  return port
}
