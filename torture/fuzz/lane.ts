import type pg from 'pg'
import { findReplyViolation } from './compare/envelope.js'
import { findStoredViolation } from './compare/stored.js'
import { emptySchema, readStored } from './database/lane-schema.js'
import { predict, type Prediction } from './model/contract.js'
import type { ModelLoad } from './model/state.js'
import { partOf, piecesOf, type TestCase } from './requests/test-cases.js'
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

/** One server with its own schema, and the model of what it must have stored. Plays one test case at a time. */
export class Lane {
  readonly #settings: LaneSettings
  readonly #connection: Connection
  readonly #stalled: Connection[] = []
  #state: ModelLoad[] = []

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

  /** Deletes the stored loads, and closes the connections of unfinished requests. */
  async reset (): Promise<void> {
    this.#state = []
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
    if (prediction.kind !== 'reply' || !canBePipelined(request, { ...prediction, load: undefined })) return await this.#one(request)
    const duplicates = new Array<WireRequest>(copies).fill(request)
    // One of them stores, in any position: its code identifies it. For the others, the numbers exist.
    const [first, ...others] = duplicates.map(duplicate => this.#predict(duplicate))
    const exchange = await this.#connection.exchange([Buffer.concat(duplicates.map(bytesOf))], methodsOf(duplicates))
    const stored = exchange.responses.findIndex(({ body }) => body.includes('"code":"200"'))
    return this.#compare(others.toSpliced(Math.max(stored, 0), 0, ...first === undefined ? [] : [first]), duplicates, exchange)
  }

  async #broken (bytes: Buffer): Promise<string | undefined> {
    this.#settings.tally.addFault('no HTTP')
    this.#connection.close()
    const exchange = await this.#connection.exchange([bytes], ['GET'])
    this.#connection.close()
    return this.#compareOne({ kind: 'no request' }, 'GET', exchange, 0)
  }

  /** Returns the prediction for a request, and updates the model as if the request was sent. */
  #predict (request: WireRequest): Prediction {
    const prediction = predict(request, this.#state)
    this.#settings.tally.add(prediction)
    if (prediction.kind === 'reply' && prediction.load !== undefined) this.#state.push(prediction.load)
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
    if (response !== undefined) return findReplyViolation(prediction, method, response, this.#settings.alwaysOk)
    // A client that is still sending after a refusal may find the connection closed before it has read the reply.
    const mayClose = prediction.kind === 'no request' || (prediction.kind === 'reply' && prediction.code === '413')
    return end === 'closed' && mayClose ? undefined : `no reply: ${detail ?? end}`
  }
}

function methodsOf (requests: readonly WireRequest[]): string[] {
  return requests.map(({ method }) => method)
}

/** Returns whether a request stores nothing and its connection stays open. */
function canBePipelined ({ version, headers }: WireRequest, prediction: Prediction): boolean {
  if (version === '1.0' || headers.some(([name]) => name.toLowerCase() === 'connection')) return false
  return prediction.kind === 'reply' && prediction.load === undefined && prediction.code !== '413'
}
