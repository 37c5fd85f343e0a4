import type { CreateRequest } from '../harness/range.js'

/** What came back for a request: a reply, a connection that broke, or nothing in the time that a caller waits. */
export type Outcome =
  | { readonly kind: 'reply', readonly status: number, readonly keys: readonly string[], readonly told: number | null }
  | { readonly kind: 'broken' | 'late' }

export interface Asked {
  readonly kind: 'create' | 'validate' | 'undo'
  /** What a create or a validation asked for. */
  readonly request: CreateRequest | null
  /** The load that an undo was to take back. */
  readonly load: string | null
  readonly server: string
}

interface Entry extends Asked {
  readonly id: number
  readonly began: number
  ended: number
  outcome: Outcome | undefined
}

/** What makes other replies right than the usual ones. */
export interface FaultKind {
  /** The server whose connections broke, if one was killed. */
  readonly server: string | null
  /** The database was hurt, so 503 is right. */
  readonly isDatabase: boolean
  /** PostgreSQL has no SQLSTATE for it, and calls it an internal error: 500 is right as well. */
  readonly isUnnamed: boolean
}

interface Fault extends FaultKind {
  readonly began: number
  ended: number
}

/** A row as the checker has it, in the table history. */
export interface HistoryRow {
  readonly id: number
  readonly kind: Asked['kind']
  /** The source that a load of this request has. */
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
  readonly told: number | null
  readonly milliseconds: number
  /** Faults that the request met. */
  readonly metDatabaseFault: boolean
  readonly metServerFault: boolean
  readonly metUnnamedFault: boolean
}

/** Every request of a run with what came back, and the faults that the harness has caused: what the database is held to. */
export class History {
  #entries: Entry[] = []
  #faults: Fault[] = []
  #last = 0

  /** Notes a request that is about to be sent. The function returned notes what came of it. */
  begin (asked: Asked): { readonly id: number, readonly end: (outcome: Outcome) => void } {
    const entry: Entry = { ...asked, id: ++this.#last, began: performance.now(), ended: Infinity, outcome: undefined }
    this.#entries.push(entry)
    const end = (outcome: Outcome): void => {
      entry.ended = performance.now()
      entry.outcome = outcome
    }
    return { id: entry.id, end }
  }

  /** Notes a fault that begins now. The function returned notes that everything is well again. */
  beginFault (kind: FaultKind): () => void {
    const fault: Fault = { ...kind, began: performance.now(), ended: Infinity }
    this.#faults.push(fault)
    return () => { fault.ended = performance.now() }
  }

  /** How many requests there have been, forgotten ones included. */
  get requests (): number {
    return this.#last
  }

  /** Forgets everything, for a database that was emptied. */
  clear (): void {
    this.#entries = []
    this.#faults = []
  }

  rows (): HistoryRow[] {
    return this.#entries.map(entry => this.#row(entry))
  }

  #row ({ id, kind, request, load, server, began, ended, outcome }: Entry): HistoryRow {
    const met = this.#faults.filter(fault => began <= fault.ended && ended >= fault.began)
    const reply = outcome?.kind === 'reply' ? outcome : { status: null, keys: [], told: null }
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
      told: reply.told,
      milliseconds: ended - began,
      metDatabaseFault: met.some(fault => fault.isDatabase),
      metServerFault: met.some(fault => fault.server === server),
      metUnnamedFault: met.some(fault => fault.isUnnamed)
    }
  }
}

/** The address that a request says it comes from, and by which the load it made is known. */
export function sourceOf (id: number): string {
  return `fd00::${(id >>> 16).toString(16)}:${(id & 0xffff).toString(16)}`
}
