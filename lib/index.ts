import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { create } from './api/numbers/system/create.js'
import { deleteNumbers } from './api/numbers/system/delete.js'
import { get } from './api/numbers/system/get.js'
import { importNumbers } from './api/numbers/system/import.js'
import { list } from './api/numbers/system/list.js'
import { update } from './api/numbers/system/update.js'
import { findFindings, throwIfUnfit } from './check.js'
import { Database } from './database/database.js'
import { openPool, poolFrom, type HostPool } from './database/pool.js'
import { PrefixTakenError, type Finding } from './errors.js'
import { endpointRoutes, type Endpoint } from './http/endpoint.js'
import type { ReplySummary } from './http/envelope.js'
import { assertVersion, migrate as migrateSchema } from './migrate.js'
import { checkOptions, type EndpointName, type TelcoNumbersOptions } from './options.js'
import { hostAuthenticator, peopleAuthenticator } from './people/authenticator.js'
import { LoginThrottle } from './people/login-throttle.js'
import { NumberService } from './service.js'
import type { TelcoNumbers } from './telco-numbers.js'

declare module 'fastify' {
  interface FastifyInstance {
    telcoNumbers: TelcoNumbers
  }

  interface FastifyReply {
    /** The result of a call; set only on replies of the plugin, when they are sent. */
    telcoNumbers?: ReplySummary
  }
}

const ENDPOINTS: Readonly<Record<EndpointName, Endpoint>> = {
  create, get, list, update, delete: deleteNumbers, import: importNumbers
}

const plugin: FastifyPluginAsync<TelcoNumbersOptions> = async (host, options) => {
  const settings = checkOptions(options)
  const { prefix, schema, logLevel, logSerializers, httpStatus } = settings
  const endpoints = settings.endpoints.map(name => ENDPOINTS[name])

  const { pool, close } = openPool(settings, host)
  const database = new Database({ pool, schema, limits: settings })
  const first = host.hasDecorator('telcoNumbers') ? host.getDecorator<NumberService>('telcoNumbers') : undefined
  const service = new NumberService(database, settings, host.log, first?.registrations)
  try {
    for (const { path } of endpoints) {
      const url = `${host.prefix}${prefix}${path}`
      if (['GET', 'POST'].some(method => host.hasRoute({ method, url }))) throw new PrefixTakenError(path.slice(1), `${host.prefix}${prefix}`)
    }
    // Even with other endpoints: `at` could return only one of two registrations at the same prefix.
    if (first?.registrations.has(`${host.prefix}${prefix}`) === true) {
      throw new PrefixTakenError('numbers/system', `${host.prefix}${prefix}`)
    }
    await (settings.migrate ? migrateSchema(pool, schema) : assertVersion(pool, schema))
    const { authenticate, loginThrottle } = settings
    const people = authenticate === undefined
    await throwIfUnfit(database, { people, counts: people && loginThrottle !== false && loginThrottle.shared })
  } catch (error) {
    await close()
    throw error
  }
  host.addHook('onClose', async () => {
    await service.close()
    await close()
  })

  if (first === undefined) host.decorate('telcoNumbers', service)
  if (!host.hasReplyDecorator('telcoNumbers')) host.decorateReply('telcoNumbers', undefined)
  service.registrations.set(`${host.prefix}${prefix}`, service)

  const authenticator = settings.authenticate === undefined
    ? peopleAuthenticator(database, new LoginThrottle(settings.loginThrottle, database))
    : hostAuthenticator(settings.authenticate)
  for (const endpoint of endpoints) {
    // A plugin within the plugin, because fastify-plugin ignores a prefix, and the routes need their own scope.
    await host.register(endpointRoutes, {
      prefix: `${prefix}${endpoint.path}`,
      ...logLevel !== undefined && { logLevel },
      ...logSerializers !== undefined && { logSerializers },
      endpoint,
      service,
      authenticator,
      authorize: settings.authorize,
      openapi: { ...settings.openapi, areCredentialsRequired: settings.authenticate === undefined },
      httpStatus
    })
  }
}

/**
 * Updates the tables to the version of this code, as a step of a deployment or a test, and returns the names of the migrations
 * that it applied. Several processes may call it at the same time.
 * @throws SchemaVersionError for tables newer than this code, and the errors of the database
 */
export async function migrate (pool: HostPool, schema = 'telco'): Promise<string[]> {
  return await migrateSchema(poolFrom(pool), schema)
}

/**
 * Returns the faults in the database that would make calls of the pool's role fail or lose references, with their remedies. With
 * `references`, it reads all numbers, and checks every reference, alias and count. Changes nothing.
 * @throws SchemaVersionError, and DatabaseUnfitError if the tables cannot be read
 */
export async function check (
  pool: HostPool, schema = 'telco', { references = false }: { references?: boolean } = {}
): Promise<Finding[]> {
  const limits = { lockTimeout: 5_000, statementTimeout: 600_000 }
  return await findFindings(new Database({ pool: poolFrom(pool), schema, limits }), references)
}

export default fp(plugin, { name: 'fastify-telco-numbers', fastify: '^5.3.0' })

export {
  ClosedError, DatabaseBusyError, DatabaseRefusedError, DatabaseUnavailableError, DatabaseUnfitError, FileTooLargeError,
  InvalidArgumentError, InvalidOptionsError, InvalidParametersError, LoadNotFoundError, LoadReferencedError,
  NumberNotFoundError, OverloadedError, PrefixTakenError, RecordNotFoundError, RecordUndoneError, SchemaVersionError,
  UndoReferenceError, UndoRefusedError
} from './errors.js'
export type { ChangedNumbers, Finding, Issue } from './errors.js'
export type { Change } from './changes/change.js'
export type { HostPool } from './database/pool.js'
export type { ReplySummary } from './http/envelope.js'
export { redactCredentials } from './http/redact-credentials.js'
export type { ImportSource } from './import/read-file.js'
export type { ImportRow } from './import/row-objects.js'
export type { CreatedLoad } from './loads/create.js'
export type { ImportedLoad } from './loads/import.js'
export type { EndpointName, LoginLimits, TelcoNumbersOptions } from './options.js'
export type { CreateInput } from './parameters/create.js'
export type { DeleteInput } from './parameters/delete.js'
export type { ImportInput } from './parameters/import.js'
export type { Authenticate, Authorize, AuthorizedCall, Credentials, Person } from './people/person.js'
export type { ListFilter } from './parameters/list.js'
export type { UpdateInput } from './parameters/update.js'
export type { ChangedRun, ChangeRecord } from './repository/changes.js'
export type { Charge } from './repository/charges.js'
export type { Actor } from './repository/insert-load.js'
export type { NumberRecord } from './repository/list-numbers.js'
export type { LoadRange, LoadRecord, TransactionRecord } from './repository/loads.js'
export type { NumberState } from './repository/number-events.js'
export type { Reversal } from './repository/reversals.js'
export type { ChangeDetails, LoadDetails } from './records/details.js'
export type { ListRecordsOptions } from './records/list.js'
export type { NumberEvent } from './records/number-history.js'
export type { ChangeEvent, OnChange } from './records/on-change.js'
export type { Undone, UndoOptions, UndoResult } from './records/undo.js'
export type { TelcoNumbers } from './telco-numbers.js'
