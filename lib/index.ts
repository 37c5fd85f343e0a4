import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { openPool } from './database/pool.js'
import { migrate, verifyVersion } from './migrate.js'
import { PrefixTakenError } from './errors.js'
import { checkOptions, type TelcoNumbersOptions } from './options.js'
import { createAuthenticator } from './people/authenticator.js'
import { LoginThrottle } from './people/login-throttle.js'
import { NumberService, type TelcoNumbers } from './service.js'
import type { ReplySummary } from './http/send-envelope.js'
import { routes } from './http/endpoint.js'

declare module 'fastify' {
  interface FastifyInstance {
    telcoNumbers: TelcoNumbers
  }

  interface FastifyReply {
    /** What the call came to; on replies of the plugin only, as soon as they are sent. */
    telcoNumbers?: ReplySummary
  }
}

const ENDPOINT_PATH = '/numbers/system/create'

const plugin: FastifyPluginAsync<TelcoNumbersOptions> = async (host, options) => {
  const settings = checkOptions(options)
  const { prefix, schema, logLevel, logSerializers } = settings
  const fullPrefix = `${host.prefix}${prefix}`
  const isTaken = ['GET', 'POST'].some(method => host.hasRoute({ method, url: `${fullPrefix}${ENDPOINT_PATH}` }))
  if (isTaken) throw new PrefixTakenError(fullPrefix)

  const { pool, close } = openPool(settings, host)
  try {
    await (settings.migrate ? migrate(pool, schema) : verifyVersion(pool, schema))
  } catch (error) {
    await close()
    throw error
  }
  const database = { pool, schema, limits: settings }
  const service = new NumberService(database, settings, host.log)
  host.addHook('onClose', async () => {
    await service.close()
    await close()
  })

  if (!host.hasDecorator('telcoNumbers')) host.decorate('telcoNumbers', service)
  host.getDecorator<NumberService>('telcoNumbers').register(fullPrefix, service)

  // fastify-plugin ignores a prefix, and the routes need a scope of their own: a plugin within the plugin.
  await host.register(routes, {
    prefix: `${prefix}${ENDPOINT_PATH}`,
    ...logLevel !== undefined && { logLevel },
    ...logSerializers !== undefined && { logSerializers },
    service,
    ...settings.authenticate === undefined
      ? createAuthenticator(database, new LoginThrottle(settings.loginThrottle, database))
      : { authenticate: settings.authenticate },
    httpStatus: settings.httpStatus
  })
}

export default fp(plugin, { name: 'fastify-telco-numbers', fastify: '5.x' })

export {
  ClosedError, DatabaseBusyError, DatabaseUnavailableError, InvalidArgumentError, InvalidOptionsError,
  InvalidParametersError, LoadReferencedError, LoadUndoneError, OverloadedError, PrefixTakenError, SchemaVersionError,
  UndoRefusedError, LoadNotFoundError
} from './errors.js'
export type { OnLoad } from './loads/on-load.js'
export type { CreatedLoad } from './loads/create.js'
export type { CreateInput } from './parameters/parse.js'
export type { Issue } from './parameters/issues.js'
export type { LoadDetails, ListLoadsOptions } from './loads/history.js'
export type { UndoneLoad, UndoOptions } from './loads/undo.js'
export type { LoginLimits, TelcoNumbersOptions } from './options.js'
export type { Authenticate, Person } from './people/authenticator.js'
export type { Charge } from './repository/charges.js'
export type { Actor } from './repository/insert-load.js'
export type { LoadRecord, TransactionRecord } from './repository/loads.js'
export type { ChangedNumbers, Reversal } from './repository/undo-load.js'
export type { Credentials } from './parameters/create.js'
export type { TelcoNumbers } from './service.js'
export type { ReplySummary } from './http/send-envelope.js'
