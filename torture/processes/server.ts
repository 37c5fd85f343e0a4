// Run by startServer as a process of its own: a host with the plugin as it is published, which can also undo.
import fastify from 'fastify'
import telcoNumbers from 'fastify-telco-numbers'

export interface ServerReady {
  readonly origin: string
}

const { TORTURE_DATABASE_URL: connectionString = '', TORTURE_LOG: file = '' } = process.env

// The source of a load then says which request it comes from.
const app = fastify({ trustProxy: true, logger: { level: 'warn', file } })
await app.register(telcoNumbers, { connectionString })
app.post<{ Params: { load: string } }>('/undo/:load', async request => (
  await app.telcoNumbers.undo(request.params.load, { person: 'torture' })))

const ready: ServerReady = { origin: await app.listen({ host: '127.0.0.1', port: 0 }) }
process.once('disconnect', () => process.exit(0))
process.send?.(ready)
