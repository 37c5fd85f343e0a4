import { connect, type AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { hashPassword } from '../../lib/people/passwords.js'
import { readConfiguration } from '../../lib/config/configuration.js'
import { buildServer } from '../../lib/server/server.js'
import { DATABASE_URL, demoSchema, type Answer, type TestSchema } from './host.js'

/** A password with all the characters that the notations encode differently. */
const PASSWORD = 'p@ss word+1;&=%é'

/** The stand-alone server for existing clients. */
export interface Server extends TestSchema {
  /**
   * Sends these bytes, one a character, as a client that refuses every HTTP status but 200 before it reads the body.
   * Returns the code of every response, with its key if it has one, and the count if there is one.
   */
  readonly send: (bytes: string) => Promise<string[]>
}

/** Starts the stand-alone server with HTTP_STATUS=always-200 on a socket; the password of `user` is PASSWORD. */
export async function serveExistingClients (t: Test): Promise<Server> {
  const database = await demoSchema(t)
  await database.sql('update people set password_hash = $1 where username = $2', [await hashPassword(PASSWORD), 'user'])
  const configuration = readConfiguration({ SCHEMA: database.schema, LOG_LEVEL: 'silent', HTTP_STATUS: 'always-200' })
  const app = await buildServer(configuration, DATABASE_URL)
  t.teardown(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { ...database, send: async bytes => outcomeOf(await exchange(port, bytes)) }
}

/** Returns the whole reply: as long as its Content-Length, or until the server closes the connection. */
async function exchange (port: number, bytes: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(bytes, 'latin1')
  let reply = ''
  for await (const part of socket.setEncoding('latin1') as AsyncIterable<string>) {
    reply += part
    const [, length, body] = /^content-length: ([0-9]+)\r\n.*?\r\n\r\n(.*)$/ims.exec(reply) ?? []
    if (body?.length === Number(length)) break
  }
  return Buffer.from(reply, 'latin1').toString('utf8')
}

function outcomeOf (reply: string): string[] {
  const [head = '', body = ''] = reply.split(/\r\n\r\n(.*)/s)
  if (!/^HTTP\/1\.1 200 /.test(head)) throw new Error(`not 200: ${head}`)
  if (!/^content-type: application\/json/im.test(head)) throw new Error(`not JSON: ${head}`)
  const { responses, data } = JSON.parse(body) as Answer
  const entries = responses.map(({ code, key }) => key === '' ? code : `${code} ${key}`)
  return data === undefined ? entries : [...entries, `count ${data.count}`]
}
