import type { FastifyRequest } from 'fastify'
import { escapeControls } from '../parameters/invisible.js'
import { sourceOf } from '../people/source.js'

/** The parameters in a URL, even if the client has encoded or mistaken the separator. */
const PARAMETERS = /(?:[?;#&=]|%3[bdf]|%2[36]).*$/is

/** The part that a target may have before its path: `http://user:password@host`. */
const AUTHORITY = /^[^/]*:\/\/.*?(?:\/|$)/s

/** The rest of credentials that contain a slash, and credentials before a host name. */
const USERINFO = /^.*(?:@|%40)/is

type LoggedRequest = Pick<FastifyRequest, 'method' | 'url' | 'host'> & {
  /** `undefined` for a Unix socket. */
  readonly ip?: string | undefined
  readonly socket: Pick<FastifyRequest['socket'], 'remotePort'>
}

/** Returns a request for the log, as Fastify does, but without the parameters, which include the credentials. */
export function logRequest (request: LoggedRequest): Record<string, unknown> {
  return {
    method: request.method,
    url: escapeControls(request.url.replace(AUTHORITY, '/').replace(PARAMETERS, '').replace(USERINFO, '')),
    host: escapeControls(request.host.replace(USERINFO, '')),
    remoteAddress: sourceOf(request) ?? undefined,
    remotePort: request.socket.remotePort
  }
}
