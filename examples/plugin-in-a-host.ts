// A Fastify host with the plugin, and its own route that loads numbers from code. It needs a PostgreSQL with class 1 and inbound
// group 2, as in the demo data.
import fastify from 'fastify'
import telcoNumbers, { InvalidParametersError } from 'fastify-telco-numbers'

const app = fastify({ logger: true })
await app.register(telcoNumbers, {
  connectionString: process.env.DATABASE_URL ?? 'postgres://app@db.example.com/telco',
  prefix: '/api/json'
})

app.post<{ Params: { start: string, end: string } }>('/imports/:start/:end', async (request, reply) => {
  const { start, end } = request.params
  try {
    return await app.telcoNumbers.create(
      { start, end, class: 1, ingroup: 2 },
      { person: 'nightly import', source: request.ip })
  } catch (error) {
    if (!(error instanceof InvalidParametersError)) throw error
    return reply.code(400).send({ issues: error.issues })
  }
})

await app.listen({ port: Number(process.env.PORT ?? 3000) })
