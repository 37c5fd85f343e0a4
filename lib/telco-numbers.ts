import type { Change } from './changes/change.js'
import type { ImportSource } from './import/read-file.js'
import type { CreatedLoad } from './loads/create.js'
import type { ImportedLoad } from './loads/import.js'
import type { CreateInput } from './parameters/create.js'
import type { DeleteInput } from './parameters/delete.js'
import type { ImportInput } from './parameters/import.js'
import type { ListFilter } from './parameters/list.js'
import type { UpdateInput } from './parameters/update.js'
import type { ChangeDetails, LoadDetails } from './records/details.js'
import type { ListRecordsOptions } from './records/list.js'
import type { NumberEvent } from './records/number-history.js'
import type { UndoOptions, UndoResult } from './records/undo.js'
import type { ChangeRecord } from './repository/changes.js'
import type { Actor } from './repository/insert-load.js'
import type { NumberRecord } from './repository/list-numbers.js'
import type { LoadRecord } from './repository/loads.js'

/** The calls of host code, as `app.telcoNumbers`. Every call may also throw the errors of the database. */
export interface TelcoNumbers {
  /**
   * Adds a range of numbers, as the endpoint does, without authentication. Parameters have the specification's names; the flags
   * are booleans. With `validation` nothing is added, and `charges` has the charges that the load would make.
   * @throws InvalidParametersError (`TELCO_NUMBERS_INVALID_PARAMETERS`) with all `issues`
   */
  create: (parameters: CreateInput, actor?: Partial<Actor>) => Promise<CreatedLoad>

  /**
   * Adds the numbers of a list or of CSV as one load, as the endpoint does. Accepts text, bytes, a stream of either, or rows as
   * objects whose properties are columns. With `validation` nothing is added, and `charges` has the charges that the load would
   * make.
   * @throws InvalidParametersError with all `issues`, those of rows with a `line`; FileTooLargeError
   */
  import: (csv: ImportSource, parameters?: ImportInput, actor?: Partial<Actor>) => Promise<ImportedLoad>

  /**
   * Undoes a load (deletes its numbers and reverses its charges) or a change (restores its numbers).
   * @throws RecordNotFoundError, RecordUndoneError, and UndoRefusedError with the `changes` that prevent it
   */
  undo: (id: string, options?: UndoOptions) => Promise<UndoResult>

  /** Returns loads, the latest first. */
  listLoads: (options?: ListRecordsOptions) => Promise<LoadRecord[]>

  /** Returns updates and deletes, the latest first. */
  listChanges: (options?: ListRecordsOptions) => Promise<ChangeRecord[]>

  /**
   * Returns one load with its transactions.
   * @throws LoadNotFoundError
   */
  getLoad: (id: string) => Promise<LoadDetails>

  /**
   * Returns a load as {@link getLoad} does, or a change with the former state of its numbers; `kind` is `load`, `update` or
   * `delete`.
   * @throws RecordNotFoundError
   */
  getRecord: (id: string) => Promise<LoadDetails | ChangeDetails>

  /**
   * Returns the recorded events of one number, the oldest first: its load, its changes, its deletion, and their undos. The number
   * need not exist. SQL outside the plugin leaves no record.
   * @throws InvalidParametersError
   */
  history: (number: string) => Promise<NumberEvent[]>

  /**
   * Returns one number.
   * @throws NumberNotFoundError (`TELCO_NUMBERS_NUMBER_NOT_FOUND`), InvalidParametersError
   */
  get: (number: string) => Promise<NumberRecord>

  /**
   * Returns an iterator over the numbers of a filter, ordered by number as text. They are from one snapshot, and few are in
   * memory at a time. The iterator keeps a connection of the pool until it ends or the loop is left. It fails if the next rows
   * are not requested within `statementTimeout`. Its first step throws the errors of the call.
   * @throws InvalidParametersError
   */
  list: (filter?: ListFilter) => AsyncIterableIterator<NumberRecord>

  /**
   * Returns the count of numbers that match a filter, without its `limit` and `offset`.
   * @throws InvalidParametersError
   */
  count: (filter?: ListFilter) => Promise<number>

  /**
   * Changes numbers: one, or with `end` a range. An attribute that is not given keeps its value, an empty `alias` removes the
   * aliases, and 0 removes `customer` or `region`. No customer is charged.
   * @throws InvalidParametersError; NumberNotFoundError for one number
   */
  update: (parameters: UpdateInput, actor?: Partial<Actor>) => Promise<Change>

  /**
   * Deletes numbers: one, or with `end` a range. With `refund`, each payer gets back the price at which they were loaded. With
   * `validation` as well, `refunds` has the refunds that it would make.
   * @throws InvalidParametersError; NumberNotFoundError for one number
   */
  delete: (parameters: DeleteInput, actor?: Partial<Actor>) => Promise<Change>

  /** Returns the registration of this host that has the full prefix. `app.telcoNumbers` itself is the first one. */
  at: (prefix: string) => TelcoNumbers | undefined
}
