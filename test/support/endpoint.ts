import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { PATH, type Answer, type TestSchema } from './host.js'

export const FORM = 'application/x-www-form-urlencoded'
export const JSON_OBJECT = 'application/json'

/** Valid parameters of a call for one number, without credentials. */
export const NUMBER = { start: '2125550000', class: 1, ingroup: 2 }

/** Valid parameters of a call that writes nothing. */
export const CHECK = { ...NUMBER, validation: 1 }

/** The same with credentials, as a query or a form. */
export const CHECK_QUERY = 'auth_username=user&auth_password=password&start=2125550000&class=1&ingroup=2&validation=1'

export function post (contentType: string, payload: string, url = PATH): InjectOptions {
  return { method: 'POST', url, headers: { 'content-type': contentType }, payload }
}

/** Returns the code of every response, followed by its key if it has one. */
export async function outcomeOf (app: FastifyInstance, request: InjectOptions | string): Promise<string[]> {
  const { responses } = (await app.inject(request)).json<Answer>()
  return responses.map(({ code, key }) => key === '' ? code : `${code} ${key}`)
}

/** Returns every row of every table, and the last value of every sequence. */
export async function contentOf ({ sql, schema }: TestSchema): Promise<unknown> {
  const tables = await sql<{ name: string }>('select tablename as name from pg_tables where schemaname = $1 order by name', [schema])
  return {
    rows: await Promise.all(tables.map(async ({ name }) => ({ name, rows: await sql(`select * from ${name}`) }))),
    sequences: await sql('select sequencename, last_value from pg_sequences where schemaname = $1 order by sequencename', [schema])
  }
}

export interface RawReply {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends a request over a socket, the body in as many chunks as it has parts. */
export async function send (
  app: FastifyInstance, method: string, path: string, headers: Record<string, string> = {}, body: readonly string[] = []
): Promise<RawReply> {
  const request = httpRequest(`${app.listeningOrigin}${path}`, { method, headers, agent: false })
  for (const part of body) request.write(part)
  request.end()
  const [response] = await once(request, 'response') as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}
