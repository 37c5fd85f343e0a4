import { Agent, request } from 'undici'
import { sourceOf, type Call, type History, type Outcome } from '../checker/history.js'
import type { CreateRequest } from './range.js'
import type { Server } from './server.js'

/** After this time a request counts as hanging: longer than the plugin's limits for a statement and its locks together. */
const REQUEST_TIMEOUT_MS = 150_000

const CREDENTIALS = { auth_username: 'user', auth_password: 'password' }

interface Envelope {
  readonly responses?: ReadonlyArray<{ readonly key: string }>
  readonly data?: { readonly count: number }
}

/** What is called. */
export type Target = Pick<Server, 'name' | 'origin'>

/** Calls the servers, and records every call in the history. */
export class Caller {
  readonly #history: History
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connections: null })

  constructor (history: History) {
    this.#history = history
  }

  async create (server: Target, load: CreateRequest): Promise<Outcome> {
    return await this.#call(server, { kind: 'create', request: load, load: null, server: server.name })
  }

  async validate (server: Target, load: CreateRequest): Promise<Outcome> {
    return await this.#call(server, { kind: 'validate', request: load, load: null, server: server.name })
  }

  async undo (server: Target, load: string): Promise<Outcome> {
    return await this.#call(server, { kind: 'undo', request: null, load, server: server.name })
  }

  async close (): Promise<void> {
    await this.#agent.destroy()
  }

  async #call (server: Target, call: Call): Promise<Outcome> {
    const { id, end } = this.#history.begin(call)
    const outcome = await this.#send(server, call, sourceOf(id))
    end(outcome)
    return outcome
  }

  async #send (server: Target, call: Call, source: string): Promise<Outcome> {
    const path = call.load === null ? '/api/json/numbers/system/create' : `/undo/${call.load}`
    const deadline = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    try {
      const { statusCode: status, body } = await request(`${server.origin}${path}`, {
        method: 'POST',
        headers: { 'x-forwarded-for': source, ...call.request !== null && { 'content-type': 'application/x-www-form-urlencoded' } },
        body: call.request === null ? null : formOf(call.request, call.kind === 'validate'),
        dispatcher: this.#agent,
        signal: deadline
      })
      const { responses = [], data } = await body.json() as Envelope
      return { kind: 'reply', status, keys: responses.map(({ key }) => key), reportedCount: data?.count ?? null }
    } catch {
      return { kind: deadline.aborted ? 'late' : 'broken' }
    }
  }
}

function formOf (load: CreateRequest, isValidation: boolean): string {
  const form = new URLSearchParams({
    ...CREDENTIALS,
    start: load.start,
    end: load.end,
    class: String(load.class),
    ingroup: String(load.ingroup),
    customer: String(load.customer ?? 0),
    region: String(load.region ?? 0),
    stype: load.stype,
    charge_customer: load.price === null ? '0' : '1',
    validation: isValidation ? '1' : '0'
  })
  if (load.alias !== null) form.set('alias', load.alias)
  return form.toString()
}
