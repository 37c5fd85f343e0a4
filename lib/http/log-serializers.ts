import type { FastifyRequest } from 'fastify'
import { escapeControls } from '../parameters/invisible.js'
import { sourceOf } from '../people/source.js'

/** Where parameters begin in a URL, even if its client has encoded or mistaken the separator. */
const PARAMETERS = /(?:[?;#&=]|%3[bdf]|%2[36]).*$/is

/** What a target may have before its path: `http://user:password@host`. */
const AUTHORITY = /^[^/]*:\/\/.*?(?:\/|$)/s

/** What is left of credentials that contain a slash, and credentials before a host name. */
const USERINFO = /^.*(?:@|%40)/is

type LoggedRequest = Pick<FastifyRequest, 'method' | 'url' | 'host'> & {
  /** None for a Unix socket. */
  readonly ip?: string | undefined
  readonly socket: Pick<FastifyRequest['socket'], 'remotePort'>
}

/** Returns a request as the log shows it: as Fastify does, but without the parameters, which include the credentials. */
export function logRequest (request: LoggedRequest): Record<string, unknown> {
  return {
    method: request.method,
    url: escapeControls(request.url.replace(AUTHORITY, '/').replace(PARAMETERS, '').replace(USERINFO, '')),
    host: escapeControls(request.host.replace(USERINFO, '')),
    remoteAddress: sourceOf(request) ?? undefined,
    remotePort: request.socket.remotePort
  }
}
