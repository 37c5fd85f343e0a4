import type pg from 'pg'
import { findReplyViolation } from './compare/envelope.js'
import { findStoredViolation } from './compare/stored.js'
import { emptySchema, readStored } from './database/lane-schema.js'
import { findUndoViolation } from './compare/undo.js'
import { predict, type Prediction } from './model/contract.js'
import { EMPTY, type ModelState } from './model/state.js'
import { undoAll } from './model/undo.js'
import type { Step, Undo } from './requests/stories.js'
import { partOf, piecesOf, type TestCase } from './requests/test-cases.js'
import { UNDOING_PERSON } from './server/host.js'
import type { Tally } from './tally.js'
import { Connection, type Exchange } from './wire/connection.js'
import { bytesOf, type WireRequest } from './wire/request.js'
import type { WireResponse } from './wire/response.js'

export interface LaneSettings {
  readonly port: number
  readonly schema: string
  readonly alwaysOk: boolean
  readonly pool: pg.Pool
  readonly tally: Tally
}

/** One server with its own schema, and the model of what it must have stored. Plays one test case at a time. */
export class Lane {
  readonly #settings: LaneSettings
  readonly #connection: Connection
  readonly #stalled: Connection[] = []
  #state: ModelState = EMPTY

  constructor (settings: LaneSettings) {
    this.#settings = settings
    this.#connection = new Connection(settings.port)
  }

  /** Plays a test case. Returns how the replies violate the contract, or `undefined`. */
  async play (testCase: TestCase): Promise<string | undefined> {
    switch (testCase.kind) {
      case 'one': return await this.#one(testCase.request, testCase.cuts)
      case 'pipelined': return await this.#pipelined(testCase.requests)
      case 'duplicates': return await this.#duplicates(testCase.request, testCase.copies)
      case 'story': return await this.#story(testCase.steps)
      case 'broken': return await this.#broken(testCase.bytes)
      case 'abandoned':
        this.#settings.tally.addFault('abandoned')
        await this.#connection.abandon(partOf(testCase.request, testCase.sent))
        return undefined
      case 'stalled': {
        this.#settings.tally.addFault('stalled')
        const connection = new Connection(this.#settings.port)
        this.#stalled.push(connection)
        await connection.stall(partOf(testCase.request, testCase.sent))
        return undefined
      }
    }
  }

  /** Returns how the stored rows differ from the model, or `undefined`. */
  async findStoredViolation (): Promise<string | undefined> {
    return findStoredViolation(this.#state, await readStored(this.#settings.pool, this.#settings.schema))
  }

  /** Deletes everything stored, and closes the connections of unfinished requests. */
  async reset (): Promise<void> {
    this.#state = EMPTY
    await emptySchema(this.#settings.pool, this.#settings.schema)
    this.close()
  }

  close (): void {
    for (const connection of this.#stalled.splice(0)) connection.close()
    this.#connection.close()
  }

  async #one (request: WireRequest, cuts: readonly number[] = []): Promise<string | undefined> {
    const prediction = this.#predict(request)
    const exchange = await this.#connection.exchange(piecesOf(request, cuts), [request.method])
    return this.#compare([prediction], [request], exchange)
  }

  async #pipelined (requests: readonly WireRequest[]): Promise<string | undefined> {
    // The server may handle pipelined requests in any order, so only those that store nothing can be predicted.
    const together = requests.filter(request => canBePipelined(request, predict(request, this.#state)))
    if (together.length > 1) {
      const predictions = together.map(request => this.#predict(request))
      const exchange = await this.#connection.exchange([Buffer.concat(together.map(bytesOf))], methodsOf(together))
      const violation = this.#compare(predictions, together, exchange)
      if (violation !== undefined) return violation
    }
    for (const request of together.length > 1 ? requests.filter(request => !together.includes(request)) : requests) {
      const violation = await this.#one(request)
      if (violation !== undefined) return violation
    }
    return undefined
  }

  async #duplicates (request: WireRequest, copies: number): Promise<string | undefined> {
    const prediction = predict(request, this.#state)
    const isOpen = keepsConnection(request, prediction)
    // One of them stores, in any position: its header identifies it. The others find that it was done, unless it can be repeated.
    const after = prediction.kind === 'reply' ? prediction.next : undefined
    const again = after === undefined ? prediction : predict(request, { ...after, ids: [...after.ids, ''] })
    if (!isOpen || (again.kind === 'reply' && again.next !== undefined)) return await this.#one(request)
    const duplicates = new Array<WireRequest>(copies).fill(request)
    const exchange = await this.#connection.exchange([Buffer.concat(duplicates.map(bytesOf))], methodsOf(duplicates))
    const stored = Math.max(0, exchange.responses.findIndex(({ headers }) => headers.has('telco-record')))
    const predictions = duplicates.map((_duplicate, index) => index === stored ? prediction : again)
    predictions.forEach(one => { this.#settings.tally.add(one) })
    return this.#compare(predictions, duplicates, exchange)
  }

  async #story (steps: readonly Step[]): Promise<string | undefined> {
    for (const [index, step] of steps.entries()) {
      const violation = await (step.kind === 'undo' ? this.#undo(step) : this.#one(step.request))
      if (violation !== undefined) return `step ${index + 1} of ${steps.length}: ${violation}`
    }
    return undefined
  }

  async #undo ({ back, withLater, dryRun }: Undo): Promise<string | undefined> {
    const { records, ids } = this.#state
    if (records.length === 0) return undefined
    const position = records.length - 1 - back % records.length
    const later = records.flatMap((record, index) => withLater && index > position && record.undoneBy === null ? [index] : [])
    const undone = undoAll(this.#state, [position, ...later], UNDOING_PERSON)
    const named = [position, ...later].map(index => ids[index]).join()
    const target = `/undo?ids=${named}&dryRun=${dryRun ? 1 : 0}`
    const request = { method: 'POST', target, version: '1.1', headers: [], body: Buffer.of(), framing: 'length' } as const
    this.#settings.tally.addUndo(undone)
    const { responses: [response], end, detail } = await this.#connection.exchange([bytesOf(request)], ['POST'])
    if (!dryRun && 'state' in undone) this.#state = undone.state
    return response === undefined ? `no reply to an undo: ${detail ?? end}` : findUndoViolation(undone, response, named)
  }

  async #broken (bytes: Buffer): Promise<string | undefined> {
    this.#settings.tally.addFault('no HTTP')
    this.#connection.close()
    const exchange = await this.#connection.exchange([bytes], ['GET'])
    this.#connection.close()
    return this.#compareOne({ kind: 'no request' }, 'GET', exchange, 0)
  }

  #predict (request: WireRequest): Prediction {
    const prediction = predict(request, this.#state)
    this.#settings.tally.add(prediction)
    return prediction
  }

  #compare (predictions: readonly Prediction[], requests: readonly WireRequest[], exchange: Exchange): string | undefined {
    for (const [index, prediction] of predictions.entries()) {
      const violation = this.#compareOne(prediction, requests[index]?.method ?? '', exchange, index)
      if (violation !== undefined) return requests.length > 1 ? `request ${index + 1} of ${requests.length}: ${violation}` : violation
    }
    return exchange.end === 'malformed' ? exchange.detail : undefined
  }

  #compareOne (prediction: Prediction, method: string, { responses, end, detail }: Exchange, index: number): string | undefined {
    const response = responses[index]
    if (response !== undefined) {
      const violation = findReplyViolation(prediction, method, response, this.#settings.alwaysOk)
      return violation ?? this.#store(prediction, response)
    }
    // A client that is still sending after a refusal may find the connection closed before it has read the reply.
    const mayClose = prediction.kind === 'no request' || (prediction.kind === 'reply' && prediction.code === '413')
    return end === 'closed' && mayClose ? undefined : `no reply: ${detail ?? end}`
  }

  /** Updates the model, with the identifier that the reply gives to the record. Returns a violation if that is not a new one. */
  #store (prediction: Prediction, { headers }: WireResponse): string | undefined {
    if (prediction.kind !== 'reply' || prediction.next === undefined) return undefined
    const { ids } = this.#state
    const id = headers.get('telco-record')?.[0] ?? ''
    this.#state = { ...prediction.next, ids: [...ids, id] }
    return BigInt(id) > BigInt(ids.at(-1) ?? 0) ? undefined : `Telco-Record ${id} after ${ids.at(-1) ?? ''}`
  }
}

function methodsOf (requests: readonly WireRequest[]): string[] {
  return requests.map(({ method }) => method)
}

/** Returns whether a request stores nothing and its connection stays open. */
function canBePipelined (request: WireRequest, prediction: Prediction): boolean {
  return keepsConnection(request, prediction) && prediction.kind === 'reply' && prediction.next === undefined
}

function keepsConnection ({ version, headers }: WireRequest, prediction: Prediction): boolean {
  if (version === '1.0' || headers.some(([name]) => name.toLowerCase() === 'connection')) return false
  return prediction.kind === 'reply' && prediction.code !== '413'
}
