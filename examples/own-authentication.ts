// A host that checks a bearer token instead of a username and password of the table people.
import { createHash, timingSafeEqual } from 'node:crypto'
import fastify from 'fastify'
import telcoNumbers, { type Authenticate } from 'fastify-telco-numbers'

const token = process.env.API_TOKEN ?? ''
if (token === '') throw new Error('API_TOKEN must be set')

// Digests have equal lengths, which timingSafeEqual needs.
function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

const expected = digest(`Bearer ${token}`)

const authenticate: Authenticate = request => {
  const isValid = timingSafeEqual(digest(request.headers.authorization ?? ''), expected)
  return isValid ? { username: 'provisioning', privileges: ['system'] } : null
}

const app = fastify({ logger: true })
await app.register(telcoNumbers, {
  connectionString: process.env.DATABASE_URL ?? 'postgres://app@db.example.com/telco',
  authenticate
})
await app.listen({ port: Number(process.env.PORT ?? 3000) })
