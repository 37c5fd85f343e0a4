// Run by startAgain as a process of its own: a host with the plugin as it is published, which can also undo.
// Plain JavaScript, because it is started again and again, and a loader for TypeScript would triple the time that takes.
import process from 'node:process'
import fastify from 'fastify'
import telcoNumbers from 'fastify-telco-numbers'

const { TORTURE_DATABASE_URL: connectionString, TORTURE_LOG: file } = process.env

// With trustProxy, the source of a load says which request it comes from.
const app = fastify({ trustProxy: true, logger: { level: 'warn', file } })
await app.register(telcoNumbers, { connectionString })
app.post('/undo/:load', async request => await app.telcoNumbers.undo(request.params.load, { person: 'torture' }))

const origin = await app.listen({ host: '127.0.0.1', port: 0 })
process.once('disconnect', () => process.exit(0))
process.send({ origin })
