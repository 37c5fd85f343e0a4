// Run by Server as a separate process: a host application with the built plugin and a route for undo.
// Plain JavaScript, because it is started often, and a TypeScript loader would triple its start-up time.
import process from 'node:process'
import fastify from 'fastify'
import telcoNumbers from 'fastify-telco-numbers'

const { TORTURE_DATABASE_URL: connectionString, TORTURE_LOG: file } = process.env

// With trustProxy, the source that a load records identifies its request.
const app = fastify({ trustProxy: true, logger: { level: 'warn', file } })
await app.register(telcoNumbers, { connectionString, endpoints: ['create', 'update', 'delete'] })
// One load or change, and others that are undone with it.
app.post('/undo/:ids', async request => {
  const [first = '', ...others] = String(request.params.ids).split(',')
  return await app.telcoNumbers.undo(first, { person: 'torture', with: others })
})

const origin = await app.listen({ host: '127.0.0.1', port: 0 })
process.once('disconnect', () => process.exit(0))
process.send({ origin })
