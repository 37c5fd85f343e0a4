import type { CreateRequest } from '../harness/range.js'

/** The outcome of a request: a reply, a broken connection, or no reply before the caller's timeout. */
export type Outcome =
  | { readonly kind: 'reply', readonly status: number, readonly keys: readonly string[], readonly reportedCount: number | null }
  | { readonly kind: 'broken' | 'late' }

export interface Call {
  readonly kind: 'create' | 'validate' | 'undo'
  /** The parameters of a create or a validation. */
  readonly request: CreateRequest | null
  /** The load that an undo names. */
  readonly load: string | null
  readonly server: string
}

interface Entry extends Call {
  readonly id: number
  readonly began: number
  ended: number
  outcome: Outcome | undefined
}

/** Which replies a fault allows in addition to the usual ones. */
export interface FaultKind {
  /** The server that was killed, if any: its connections may break. */
  readonly server: string | null
  /** The database failed, so 503 is allowed. */
  readonly isDatabase: boolean
  /** PostgreSQL has no SQLSTATE for the failure and reports an internal error, so 500 is allowed as well. */
  readonly isUnnamed: boolean
}

interface Fault extends FaultKind {
  readonly began: number
  ended: number
}

/** A row of the checker's table `history`. */
export interface HistoryRow {
  readonly id: number
  readonly kind: Call['kind']
  /** The source address of the request, which its load records. */
  readonly source: string
  readonly load: string | null
  readonly start: string | null
  readonly end: string | null
  readonly count: number | null
  readonly alias: string | null
  readonly class: number | null
  readonly ingroup: number | null
  readonly customer: number | null
  readonly region: number | null
  readonly stype: string | null
  readonly price: string | null
  readonly outcome: Outcome['kind']
  readonly status: number | null
  readonly keys: readonly string[]
  readonly reportedCount: number | null
  readonly milliseconds: number
  /** Whether a fault lasted at some time during the request. */
  readonly metDatabaseFault: boolean
  readonly metServerFault: boolean
  readonly metUnnamedFault: boolean
}

/** Every request of a run with its outcome, and every fault that was injected. The checker compares the database with it. */
export class History {
  #entries: Entry[] = []
  #faults: Fault[] = []
  #last = 0

  /** Records a request that is about to be sent. The returned function records its outcome. */
  begin (call: Call): { readonly id: number, readonly end: (outcome: Outcome) => void } {
    const entry: Entry = { ...call, id: ++this.#last, began: performance.now(), ended: Infinity, outcome: undefined }
    this.#entries.push(entry)
    const end = (outcome: Outcome): void => {
      entry.ended = performance.now()
      entry.outcome = outcome
    }
    return { id: entry.id, end }
  }

  /** Records a fault that begins now. The returned function records its end. */
  beginFault (kind: FaultKind): () => void {
    const fault: Fault = { ...kind, began: performance.now(), ended: Infinity }
    this.#faults.push(fault)
    return () => { fault.ended = performance.now() }
  }

  /** The count of all requests, cleared ones included. */
  get requests (): number {
    return this.#last
  }

  /** Removes all entries, for a database that was emptied. */
  clear (): void {
    this.#entries = []
    this.#faults = []
  }

  rows (): HistoryRow[] {
    return this.#entries.map(entry => this.#row(entry))
  }

  #row ({ id, kind, request, load, server, began, ended, outcome }: Entry): HistoryRow {
    const faults = this.#faults.filter(fault => began <= fault.ended && ended >= fault.began)
    const reply = outcome?.kind === 'reply' ? outcome : { status: null, keys: [], reportedCount: null }
    return {
      id,
      kind,
      source: sourceOf(id),
      load,
      start: request?.start ?? null,
      end: request?.end ?? null,
      count: request?.count ?? null,
      alias: request?.alias ?? null,
      class: request?.class ?? null,
      ingroup: request?.ingroup ?? null,
      customer: request?.customer ?? null,
      region: request?.region ?? null,
      stype: request?.stype ?? null,
      price: request?.price ?? null,
      outcome: outcome?.kind ?? 'late',
      status: reply.status,
      keys: reply.keys,
      reportedCount: reply.reportedCount,
      milliseconds: ended - began,
      metDatabaseFault: faults.some(fault => fault.isDatabase),
      metServerFault: faults.some(fault => fault.server === server),
      metUnnamedFault: faults.some(fault => fault.isUnnamed)
    }
  }
}

/** Returns the source address that identifies a request, and the load that it creates. */
export function sourceOf (id: number): string {
  return `fd00::${(id >>> 16).toString(16)}:${(id & 0xffff).toString(16)}`
}
