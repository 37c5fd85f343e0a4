import type pg from 'pg'
import { findFault } from './compare/envelope.js'
import { findStoredFault } from './compare/stored.js'
import { emptySchema, readStored } from './database/lane-schema.js'
import { judge, type Verdict } from './model/contract.js'
import type { ModelLoad } from './model/world.js'
import { partOf, piecesOf, type Volley } from './requests/volleys.js'
import type { Tally } from './tally.js'
import { Connection, type Exchange } from './wire/connection.js'
import { bytesOf, type WireRequest } from './wire/request.js'

export interface LaneSettings {
  readonly port: number
  readonly schema: string
  readonly alwaysOk: boolean
  readonly pool: pg.Pool
  readonly tally: Tally
}

/** One server with a schema of its own, and what it must have stored: one volley at a time. */
export class Lane {
  readonly #settings: LaneSettings
  readonly #connection: Connection
  readonly #stalled: Connection[] = []
  #world: ModelLoad[] = []

  constructor (settings: LaneSettings) {
    this.#settings = settings
    this.#connection = new Connection(settings.port)
  }

  /** Plays a volley; what is wrong with the replies, or `undefined`. */
  async play (volley: Volley): Promise<string | undefined> {
    switch (volley.kind) {
      case 'one': return await this.#one(volley.request, volley.cuts)
      case 'pipelined': return await this.#pipelined(volley.requests)
      case 'twins': return await this.#twins(volley.request, volley.copies)
      case 'broken': return await this.#broken(volley.bytes)
      case 'abandoned':
        this.#settings.tally.addFault('abandoned')
        await this.#connection.abandon(partOf(volley.request, volley.sent))
        return undefined
      case 'stalled': {
        this.#settings.tally.addFault('stalled')
        const connection = new Connection(this.#settings.port)
        this.#stalled.push(connection)
        await connection.stall(partOf(volley.request, volley.sent))
        return undefined
      }
    }
  }

  /** Compares what is stored with what the replies said. */
  async findStoredFault (): Promise<string | undefined> {
    return findStoredFault(this.#world, await readStored(this.#settings.pool, this.#settings.schema))
  }

  /** Forgets what was stored, and lets go of the requests that were never finished. */
  async reset (): Promise<void> {
    this.#world = []
    await emptySchema(this.#settings.pool, this.#settings.schema)
    this.close()
  }

  close (): void {
    for (const connection of this.#stalled.splice(0)) connection.close()
    this.#connection.close()
  }

  async #one (request: WireRequest, cuts: readonly number[] = []): Promise<string | undefined> {
    const verdict = this.#judge(request)
    const exchange = await this.#connection.exchange(piecesOf(request, cuts), [request.method])
    return this.#compare([verdict], [request], exchange)
  }

  async #pipelined (requests: readonly WireRequest[]): Promise<string | undefined> {
    // Only what stores nothing can be judged without knowing which was first.
    const together = requests.filter(request => canBePipelined(request, judge(request, this.#world)))
    if (together.length > 1) {
      const verdicts = together.map(request => this.#judge(request))
      const exchange = await this.#connection.exchange([Buffer.concat(together.map(bytesOf))], methodsOf(together))
      const fault = this.#compare(verdicts, together, exchange)
      if (fault !== undefined) return fault
    }
    for (const request of together.length > 1 ? requests.filter(request => !together.includes(request)) : requests) {
      const fault = await this.#one(request)
      if (fault !== undefined) return fault
    }
    return undefined
  }

  async #twins (request: WireRequest, copies: number): Promise<string | undefined> {
    const verdict = judge(request, this.#world)
    if (verdict.kind !== 'reply' || !canBePipelined(request, { ...verdict, load: undefined })) return await this.#one(request)
    const twins = new Array<WireRequest>(copies).fill(request)
    // The first stores, and is known by its code; for the others it is there already.
    const [first, ...others] = twins.map(twin => this.#judge(twin))
    const exchange = await this.#connection.exchange([Buffer.concat(twins.map(bytesOf))], methodsOf(twins))
    const winner = exchange.responses.findIndex(({ body }) => body.includes('"code":"200"'))
    return this.#compare(others.toSpliced(Math.max(winner, 0), 0, ...first === undefined ? [] : [first]), twins, exchange)
  }

  async #broken (bytes: Buffer): Promise<string | undefined> {
    this.#settings.tally.addFault('no HTTP')
    this.#connection.close()
    const exchange = await this.#connection.exchange([bytes], ['GET'])
    this.#connection.close()
    return this.#compareOne({ kind: 'no request' }, 'GET', exchange, 0)
  }

  /** What must come of a request, which is then taken to have been sent. */
  #judge (request: WireRequest): Verdict {
    const verdict = judge(request, this.#world)
    this.#settings.tally.add(verdict)
    if (verdict.kind === 'reply' && verdict.load !== undefined) this.#world.push(verdict.load)
    return verdict
  }

  #compare (verdicts: readonly Verdict[], requests: readonly WireRequest[], exchange: Exchange): string | undefined {
    for (const [index, verdict] of verdicts.entries()) {
      const fault = this.#compareOne(verdict, requests[index]?.method ?? '', exchange, index)
      if (fault !== undefined) return requests.length > 1 ? `request ${index + 1} of ${requests.length}: ${fault}` : fault
    }
    return exchange.end === 'malformed' ? exchange.detail : undefined
  }

  #compareOne (verdict: Verdict, method: string, { responses, end, detail }: Exchange, index: number): string | undefined {
    const response = responses[index]
    if (response !== undefined) return findFault(verdict, method, response, this.#settings.alwaysOk)
    // Who sends on after a refusal may find the connection closed before the reply was read.
    const mayClose = verdict.kind === 'no request' || (verdict.kind === 'reply' && verdict.code === '413')
    return end === 'closed' && mayClose ? undefined : `no reply: ${detail ?? end}`
  }
}

function methodsOf (requests: readonly WireRequest[]): string[] {
  return requests.map(({ method }) => method)
}

/** Whether the connection goes on behind a request, and nothing is stored by it. */
function canBePipelined ({ version, headers }: WireRequest, verdict: Verdict): boolean {
  if (version === '1.0' || headers.some(([name]) => name.toLowerCase() === 'connection')) return false
  return verdict.kind === 'reply' && verdict.load === undefined && verdict.code !== '413'
}
