import type { FastifyRequest } from 'fastify'
import { loadLimiterOf, type LoadLimiter } from './loads/load-limiter.js'
import { isStorable } from './database/text.js'
import { ClosedError, InvalidArgumentError } from './errors.js'
import { notifyOnLoad, type ErrorLog } from './loads/on-load.js'
import { createLoad, createSingleLoad, type CreatedLoad } from './loads/create.js'
import { parseHostParameters, type ParsedParameters, type CreateInput } from './parameters/parse.js'
import { countNumbersOfLoad, listLoads, getLoad, type LoadDetails, type ListLoadsOptions } from './loads/history.js'
import { completeLoad, planLoad, type Plan } from './loads/plan.js'
import { batchSingleLoads, isSingle, type SingleLoads } from './loads/single-load-batcher.js'
import { undoLoad, type UndoneLoad, type UndoOptions } from './loads/undo.js'
import type { Settings } from './options.js'
import type { Database } from './repository/database.js'
import type { Actor } from './repository/insert-load.js'
import type { LoadRecord } from './repository/loads.js'

/** What host code can do with numbers, as `app.telcoNumbers`. Every call may also throw the errors of the database. */
export interface TelcoNumbers {
  /**
   * Adds a range of numbers, as the function does, without asking who calls. Parameters have the specification's
   * names; the flags are booleans. With `validation` nothing is added, and `charges` says what it would cost.
   * @throws InvalidParametersError (`TELCO_NUMBERS_INVALID_PARAMETERS`) with all `issues`
   */
  create: (parameters: CreateInput, actor?: Partial<Actor>) => Promise<CreatedLoad>

  /**
   * Takes a load back: deletes its numbers and reverses its charges.
   * @throws LoadNotFoundError, LoadUndoneError, and UndoRefusedError with the `changes` that stand against it
   */
  undo: (load: string, options?: UndoOptions) => Promise<UndoneLoad>

  /** The recent loads, the latest first. */
  loads: (which?: ListLoadsOptions) => Promise<LoadRecord[]>

  /**
   * One load with its transactions.
   * @throws LoadNotFoundError
   */
  show: (load: string) => Promise<LoadDetails>

  /**
   * The same for another registration in this host, by its full prefix. `app.telcoNumbers` itself is the first one.
   */
  at: (prefix: string) => TelcoNumbers | undefined
}

/** The options that matter to the service. */
export type ServiceSettings = Pick<Settings, 'maxRange' | 'maxWaiting' | 'queueTimeout' | 'onLoad'>

/** The one way to the database for the route, the command line and host code; knows which calls are still running. */
export class NumberService implements TelcoNumbers {
  readonly #database: Database
  readonly #settings: ServiceSettings
  readonly #admission: LoadLimiter
  readonly #log: ErrorLog
  readonly #singleLoads: SingleLoads
  readonly #registered = new Map<string, NumberService>()
  readonly #running = new Set<Promise<unknown>>()
  #isClosed = false

  constructor (database: Database, settings: ServiceSettings, log: ErrorLog) {
    this.#database = database
    this.#singleLoads = batchSingleLoads(database)
    this.#settings = settings
    this.#admission = loadLimiterOf(database.pool)
    this.#log = log
  }

  async create (parameters: CreateInput, { person = null, source = null }: Partial<Actor> = {}): Promise<CreatedLoad> {
    return await this.createFrom(parseHostParameters(parameters), { person, source })
  }

  /** As {@link create}; a load whose signal is aborted while it waits for its turn is not begun. */
  async createFrom (draft: ParsedParameters, actor: Actor, request?: FastifyRequest, signal?: AbortSignal): Promise<CreatedLoad> {
    assertStorableActor(actor)
    return await this.#run(async () => {
      const plan = planLoad(draft, this.#settings.maxRange)
      const created = await this.#admit(plan, signal, () => createLoad(this.#database, this.#singleLoads, plan, actor))
      this.#announce(created, request)
      return created
    })
  }

  /**
   * As {@link createFrom}, for a person who was not looked up for this call. `undefined`, and nothing was done, where that is
   * not enough: the load is not a single one, the fingerprint does not hold any more, or something stands in the load's way.
   */
  async createRecalled (
    draft: ParsedParameters, actor: Actor, fingerprint: string, request: FastifyRequest, signal: AbortSignal
  ): Promise<CreatedLoad | undefined> {
    assertStorableActor(actor)
    return await this.#run(async () => {
      const plan = planLoad(draft, this.#settings.maxRange)
      const load = isSingle(plan) ? completeLoad(plan) : undefined
      if (load === undefined) return undefined
      const created = await this.#admit(plan, signal, () => createSingleLoad(this.#singleLoads, { load, actor, fingerprint }))
      if (created !== undefined) this.#announce(created, request)
      return created
    })
  }

  async undo (load: string, options: UndoOptions = {}): Promise<UndoneLoad> {
    assertStorable('person', options.person ?? null)
    return await this.#run(async () => {
      const count = await countNumbersOfLoad(this.#database, load)
      return await this.#admission.run(count, this.#settings, this.#unlessClosed(() => undoLoad(this.#database, load, options)))
    })
  }

  async loads (which: ListLoadsOptions = {}): Promise<LoadRecord[]> {
    return await this.#run(() => listLoads(this.#database, which))
  }

  async show (load: string): Promise<LoadDetails> {
    return await this.#run(() => getLoad(this.#database, load))
  }

  at (prefix: string): NumberService | undefined {
    return this.#registered.get(prefix)
  }

  /** Makes a service of the same host, perhaps this one, known to {@link at}. */
  register (prefix: string, service: NumberService): void {
    this.#registered.set(prefix, service)
  }

  /** Takes no further calls, and waits for those that are running. */
  async close (): Promise<void> {
    this.#isClosed = true
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async #admit<Result> (plan: Plan, signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
    const { maxWaiting, queueTimeout } = this.#settings
    const waiting = { maxWaiting, queueTimeout, signal }
    if (isSingle(plan)) return await this.#admission.runSingle(waiting, this.#unlessClosed(work))
    // What only looks at the database is over soon, however large the range.
    const count = plan.parameters.validation === true ? 0 : plan.numbers?.count ?? 0
    return await this.#admission.run(count, waiting, this.#unlessClosed(work))
  }

  /** The reply does not wait for it; closing does. */
  #announce ({ load }: CreatedLoad, request: FastifyRequest | undefined): void {
    const { onLoad } = this.#settings
    if (onLoad !== undefined && load !== null) void this.#track(notifyOnLoad(this.#database, onLoad, this.#log, load, request))
  }

  /** What still waits when the host closes is not begun. */
  #unlessClosed<Result> (work: () => Promise<Result>): () => Promise<Result> {
    return async () => {
      this.#throwIfClosed()
      return await work()
    }
  }

  #throwIfClosed (): void {
    if (this.#isClosed) throw new ClosedError()
  }

  async #run<Result> (work: () => Promise<Result>): Promise<Result> {
    this.#throwIfClosed()
    return await this.#track(work())
  }

  async #track<Result> (running: Promise<Result>): Promise<Result> {
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }
}

function assertStorableActor ({ person, source }: Actor): void {
  assertStorable('person', person)
  assertStorable('source', source)
}

function assertStorable (name: string, text: string | null): void {
  if (text !== null && !isStorable(text)) throw new InvalidArgumentError(`${name} must be text without NUL characters`)
}
