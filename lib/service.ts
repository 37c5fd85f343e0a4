import type { FastifyRequest } from 'fastify'
import { changeNumbers, type Change } from './changes/change.js'
import { planDelete, planUpdate, type ChangePlan } from './changes/plan.js'
import { Database } from './database/database.js'
import type { LimiterOptions } from './concurrency/limiter.js'
import { Pulled } from './concurrency/pulled.js'
import type { Departure } from './concurrency/departure.js'
import { ClosedError, InvalidParametersError, NumberNotFoundError } from './errors.js'
import { batchLookUps, type LookUpBatcher } from './listing/look-ups.js'
import { selectNumbers, type Selection } from './listing/selection.js'
import type { ImportSource } from './import/read-file.js'
import { checksFingerprint, createLoad, type CreatedLoad } from './loads/create.js'
import { importFile, readImport, type Import, type ImportedLoad } from './loads/import.js'
import { runImport } from './loads/import-limiter.js'
import { loadLimiterOf, type LoadLimiter } from './loads/load-limiter.js'
import { planLoad, type Plan } from './loads/plan.js'
import { batchSingleLoads, type SingleLoadBatcher } from './loads/single-load-batcher.js'
import { UnconfirmedPersonError } from './loads/unconfirmed-person.js'
import type { Settings } from './options.js'
import { CreateRequest, type CreateInput } from './parameters/create.js'
import { DeleteRequest, type DeleteInput } from './parameters/delete.js'
import { GetRequest } from './parameters/get.js'
import { ImportRequest, type ImportInput } from './parameters/import.js'
import { ListRequest, type ListFilter } from './parameters/list.js'
import { parseHostParameters, type ParsedParameters } from './parameters/parse.js'
import { UpdateRequest, type UpdateInput } from './parameters/update.js'
import { actorOf } from './people/actor.js'
import { getLoad, getRecord, type ChangeDetails, type LoadDetails } from './records/details.js'
import { listChanges, listLoads, type ListRecordsOptions } from './records/list.js'
import { findHistory, type NumberEvent } from './records/number-history.js'
import { notifyOnChange, type ErrorLog } from './records/on-change.js'
import { assertUndoOptions, countNumbersOf, undo, type UndoOptions, type UndoResult } from './records/undo.js'
import type { ChangeRecord } from './repository/changes.js'
import type { Actor } from './repository/insert-load.js'
import { countNumbers, fetchNumbers, isPage, type JsonBatch, type NumberRecord } from './repository/list-numbers.js'
import type { LoadRecord } from './repository/loads.js'
import type { TelcoNumbers } from './telco-numbers.js'

/** The options that matter to the service. */
export type ServiceSettings = Pick<Settings, 'maxRange' | 'maxWaiting' | 'queueTimeout' | 'onChange'>

/** The context of a call from an endpoint, in addition to its parameters. */
export interface CallContext {
  /** The fingerprint of a person who was not looked up for this call. */
  readonly fingerprint?: string | undefined
  readonly request?: FastifyRequest
  /** Reports that the caller no longer waits; a load that is still queued is then not started. */
  readonly departure?: Departure
}

type ChangeContext = Pick<CallContext, 'request' | 'departure'>

/** The service that endpoints, the command line and host code call; keeps track of the running calls. */
export class NumberService implements TelcoNumbers {
  /** The registrations of a host by their full prefixes; all registrations share this map. */
  readonly registrations: Map<string, NumberService>
  readonly #database: Database
  readonly #settings: ServiceSettings
  readonly #limiter: LoadLimiter
  readonly #log: ErrorLog
  readonly #singleLoads: SingleLoadBatcher
  readonly #lookUps: LookUpBatcher
  readonly #running = new Set<Promise<unknown>>()
  #isClosed = false

  constructor (database: Database, settings: ServiceSettings, log: ErrorLog, registrations = new Map<string, NumberService>()) {
    this.#database = database
    this.#singleLoads = batchSingleLoads(database)
    this.#lookUps = batchLookUps(database)
    this.#settings = settings
    this.#limiter = loadLimiterOf(database.pool)
    this.#log = log
    this.registrations = registrations
  }

  async create (parameters: CreateInput, actor?: Partial<Actor>): Promise<CreatedLoad> {
    return await this.createParsed(parseHostParameters(CreateRequest, parameters), actor)
  }

  /**
   * As {@link create}, for parsed parameters.
   * @throws UnconfirmedPersonError, having done nothing, if the fingerprint cannot be checked or has changed
   */
  async createParsed (
    parsed: ParsedParameters<typeof CreateRequest>, given: Partial<Actor> = {},
    { fingerprint, request, departure }: CallContext = {}
  ): Promise<CreatedLoad> {
    const actor = actorOf(given)
    return await this.#run(async () => {
      const plan = planLoad(parsed, this.#settings.maxRange)
      if (fingerprint !== undefined && !checksFingerprint(plan)) throw new UnconfirmedPersonError()
      const created = await this.#limit(plan, departure, () => (
        createLoad(this.#database, this.#singleLoads, plan, actor, fingerprint)))
      this.#notify([created], request)
      return created
    })
  }

  async import (csv: ImportSource, parameters: ImportInput = {}, actor?: Partial<Actor>): Promise<ImportedLoad> {
    return await this.importSource(csv, parseHostParameters(ImportRequest, parameters), actor)
  }

  /** As {@link import}, for parsed parameters. The file is read when its turn comes. */
  async importSource (
    csv: ImportSource, parsed: ParsedParameters<typeof ImportRequest>, actor?: Partial<Actor>, context: CallContext = {}
  ): Promise<ImportedLoad> {
    return await runImport(csv, this.#queueOptions(context.departure), this.#unlessClosed(async () => (
      await this.importParsed(await this.readImport(csv, parsed), actor, context))))
  }

  /** Reads a file, and lists at most `maxIssues` of its issues. */
  async readImport (csv: ImportSource, parsed: ParsedParameters<typeof ImportRequest>, maxIssues?: number): Promise<Import> {
    return await readImport(csv, parsed, this.#settings.maxRange, maxIssues)
  }

  /** As {@link import}, for a file that has been read. */
  async importParsed (parsed: Import, given: Partial<Actor> = {}, context: CallContext = {}): Promise<ImportedLoad> {
    const actor = actorOf(given)
    return await this.#run(async () => {
      const count = parsed.parameters.validation ? 0 : parsed.file.count
      // The endpoint does not return warnings.
      const areWarningsShown = context.request === undefined
      const imported = await this.#limiter.run(count, this.#queueOptions(context.departure), this.#unlessClosed(() => (
        importFile(this.#database, parsed, actor, areWarningsShown))))
      this.#notify([imported], context.request)
      return imported
    })
  }

  async undo (id: string, options: UndoOptions = {}): Promise<UndoResult> {
    assertUndoOptions(options)
    return await this.#run(async () => {
      const count = await countNumbersOf(this.#database, [id, ...options.with ?? []])
      const undone = await this.#limiter.run(count, this.#settings, this.#unlessClosed(() => undo(this.#database, id, options)))
      if (!undone.dryRun) this.#notify([...undone.with, undone], undefined, true)
      return undone
    })
  }

  async listLoads (options: ListRecordsOptions = {}): Promise<LoadRecord[]> {
    return await this.#run(() => listLoads(this.#database, options))
  }

  async listChanges (options: ListRecordsOptions = {}): Promise<ChangeRecord[]> {
    return await this.#run(() => listChanges(this.#database, options))
  }

  async getRecord (id: string): Promise<LoadDetails | ChangeDetails> {
    return await this.#run(() => getRecord(this.#database, id))
  }

  async getLoad (id: string): Promise<LoadDetails> {
    return await this.#run(() => getLoad(this.#database, id))
  }

  async history (number: string): Promise<NumberEvent[]> {
    const { parameters, issues } = parseHostParameters(GetRequest, { number })
    if (parameters.number === undefined) throw new InvalidParametersError(issues.list())
    return await this.#run(() => findHistory(this.#database, number))
  }

  async get (number: string): Promise<NumberRecord> {
    return await this.getParsed(parseHostParameters(GetRequest, { number }))
  }

  /**
   * As {@link get}, for parsed parameters.
   * @throws UnconfirmedPersonError if the fingerprint has changed
   */
  async getParsed (
    { parameters: { number }, issues }: ParsedParameters<typeof GetRequest>, person: string | null = null,
    { fingerprint, departure }: CallContext = {}
  ): Promise<NumberRecord> {
    return await this.#run(async () => {
      const isInvalid = !issues.isEmpty || number === undefined
      if (isInvalid && fingerprint !== undefined) throw new UnconfirmedPersonError()
      if (isInvalid) throw new InvalidParametersError(issues.list())
      const found = await this.#limiter.runSingle(this.#queueOptions(departure), this.#unlessClosed(() => (
        this.#lookUps.submit({ number, person, fingerprint }))))
      if (found?.isConfirmed !== true) throw new UnconfirmedPersonError()
      if (found.json === null) throw new NumberNotFoundError(number)
      return JSON.parse(found.json) as NumberRecord
    })
  }

  async* list (filter: ListFilter = {}): AsyncGenerator<NumberRecord, undefined> {
    for await (const { json } of this.listSelected(selectNumbers(parseHostParameters(ListRequest, filter)))) {
      yield* JSON.parse(`[${json}]`) as NumberRecord[]
    }
  }

  async count (filter: ListFilter = {}): Promise<number> {
    return await this.countSelected(selectNumbers(parseHostParameters(ListRequest, filter)))
  }

  /** Returns the numbers of a selection as JSON, in batches. */
  listSelected (selection: Selection, departure?: Departure): Pulled<JsonBatch> {
    return new Pulled(emit => this.#run(async () => {
      const options = this.#queueOptions(departure)
      const task = this.#unlessClosed(() => fetchNumbers(this.#database, selection, emit))
      await (isPage(selection.filter) ? this.#limiter.run(0, options, task) : this.#limiter.runStream(options, task))
    }), this.#database.limits.statementTimeout)
  }

  async countSelected ({ filter }: Selection, departure?: Departure): Promise<number> {
    return await this.#run(() => this.#limiter.run(0, this.#queueOptions(departure), this.#unlessClosed(() => (
      countNumbers(this.#database, filter)))))
  }

  async update (parameters: UpdateInput, actor?: Partial<Actor>): Promise<Change> {
    return await this.updateParsed(parseHostParameters(UpdateRequest, parameters), actor)
  }

  /** As {@link update}, for parsed parameters. */
  async updateParsed (
    parsed: ParsedParameters<typeof UpdateRequest>, actor?: Partial<Actor>, context?: ChangeContext
  ): Promise<Change> {
    return await this.#change(planUpdate(parsed, this.#settings.maxRange), actor, context)
  }

  async delete (parameters: DeleteInput, actor?: Partial<Actor>): Promise<Change> {
    return await this.deleteParsed(parseHostParameters(DeleteRequest, parameters), actor)
  }

  /** As {@link delete}, for parsed parameters. */
  async deleteParsed (
    parsed: ParsedParameters<typeof DeleteRequest>, actor?: Partial<Actor>, context?: ChangeContext
  ): Promise<Change> {
    return await this.#change(planDelete(parsed, this.#settings.maxRange), actor, context)
  }

  at (prefix: string): NumberService | undefined {
    return this.registrations.get(prefix)
  }

  /** Accepts no further calls, and waits for those that are running. */
  async close (): Promise<void> {
    this.#isClosed = true
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async #change (plan: ChangePlan, given: Partial<Actor> = {}, { request, departure }: ChangeContext = {}): Promise<Change> {
    const actor = actorOf(given)
    const count = plan.kind === 'change' ? plan.input.numbers.count : 0
    return await this.#run(async () => {
      const change = await this.#limiter.run(count, this.#queueOptions(departure), this.#unlessClosed(() => (
        changeNumbers(this.#database, plan, actor))))
      this.#notify([change], request)
      return change
    })
  }

  async #limit<Result> (plan: Plan, departure: Departure | undefined, task: () => Promise<Result>): Promise<Result> {
    const options = this.#queueOptions(departure)
    if (plan.kind === 'single') return await this.#limiter.runSingle(options, this.#unlessClosed(task))
    // Read-only checks take a moment, however large the range.
    return await this.#limiter.run(plan.kind === 'range' ? plan.numbers.count : 0, options, this.#unlessClosed(task))
  }

  #queueOptions (departure: Departure | undefined): LimiterOptions {
    const { maxWaiting, queueTimeout } = this.#settings
    return { maxWaiting, queueTimeout, departure }
  }

  /** Notifies `onChange`. The reply does not wait for it, but closing does. */
  #notify (records: ReadonlyArray<{ readonly id: string | null }>, request: FastifyRequest | undefined, isUndo = false): void {
    const { onChange } = this.#settings
    for (const { id } of records) {
      if (onChange !== undefined && id !== null) {
        void this.#track(notifyOnChange(this.#database, onChange, this.#log, id, isUndo, request))
      }
    }
  }

  /** Returns a task that is not started if it still waits when the host closes. */
  #unlessClosed<Result> (task: () => Promise<Result>): () => Promise<Result> {
    return async () => {
      this.#throwIfClosed()
      return await task()
    }
  }

  #throwIfClosed (): void {
    if (this.#isClosed) throw new ClosedError()
  }

  async #run<Result> (task: () => Promise<Result>): Promise<Result> {
    this.#throwIfClosed()
    return await this.#track(task())
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
