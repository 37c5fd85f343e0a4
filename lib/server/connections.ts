import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { networkOf } from '../people/source.js'

/** Connections without a call. With those of the pool, they are fewer than the 1,024 files that a process may often open. */
const MAX_WAITING = 500

/** Longer than the minute that proxies keep a connection: the one that closes first must be the proxy. */
const KEEP_ALIVE_MS = 72_000

/** Node.js looks for requests that take too long this often. */
const CHECK_INTERVAL_MS = 1_000

/** How long a stopping server waits for a client that reads none of its reply. */
const STALLED_REPLY_MS = 5_000

const METHOD_NOT_ALLOWED = 'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, POST\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

/**
 * The connections of a server, so that none can keep others out or the server from stopping. A connection waits for its client
 * until a request has arrived as a whole, and after the reply. If too many wait, the oldest one of the source that has the most
 * is closed.
 */
export class Connections {
  readonly #timeout: number
  /** The waiting ones, the oldest first, with their sources. */
  readonly #waiting = new Map<Socket, string>()
  /** All of them, with the number of their calls. */
  readonly #calls = new Map<Socket, number>()
  #isClosing = false

  /** `timeout` is how many milliseconds a client may take to send a request, or read none of its reply. */
  constructor (timeout: number) {
    this.#timeout = timeout
  }

  /** Creates the HTTP server. */
  createServer (handler: RequestListener): Server {
    const server = createServer({
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: this.#timeout,
      headersTimeout: this.#timeout,
      connectionsCheckingInterval: CHECK_INTERVAL_MS
    }, handler)
    server.setTimeout(this.#timeout, socket => { this.#onSilence(socket) })
    server.on('connection', socket => {
      this.#calls.set(socket, 0)
      this.#wait(socket)
      socket.once('close', () => {
        this.#calls.delete(socket)
        this.#waiting.delete(socket)
      })
    })
    // Without a listener, Node.js closes the connection and sends nothing.
    server.on('connect', (_request, socket) => { socket.end(METHOD_NOT_ALLOWED) })
    return server
  }

  /** Adds the hooks. They must be added before the routes. */
  attend (app: FastifyInstance): void {
    // The body has arrived by then.
    app.addHook('preValidation', async ({ raw: { socket } }, reply) => {
      if (!this.#calls.has(socket)) return
      this.#count(socket, 1)
      reply.raw.once('close', () => { this.#count(socket, -1) })
    })
    app.addHook('preClose', async () => {
      this.#isClosing = true
      for (const socket of this.#waiting.keys()) socket.destroy()
      for (const socket of this.#calls.keys()) socket.setTimeout(STALLED_REPLY_MS)
    })
    // Otherwise a client could keep its connection, and with it the server, open.
    app.addHook('onSend', async (_request, reply) => {
      if (this.#isClosing) reply.header('connection', 'close')
    })
  }

  #count (socket: Socket, difference: number): void {
    const calls = this.#calls.get(socket)
    if (calls === undefined) return
    this.#calls.set(socket, calls + difference)
    if (calls + difference > 0) this.#waiting.delete(socket)
    else this.#wait(socket)
  }

  #wait (socket: Socket): void {
    if (this.#isClosing) socket.destroySoon()
    this.#waiting.set(socket, networkOf(socket.remoteAddress ?? null))
    if (this.#waiting.size > MAX_WAITING) this.#closeOldest()
  }

  #closeOldest (): void {
    const counts = new Map<string, number>()
    for (const source of this.#waiting.values()) counts.set(source, (counts.get(source) ?? 0) + 1)
    const most = Math.max(...counts.values())
    const oldest = [...this.#waiting].find(([, source]) => counts.get(source) === most)
    oldest?.[0].destroy()
  }

  /** A call may run in silence, but only as long as its client takes what is sent. */
  #onSilence (socket: Socket): void {
    if (this.#waiting.has(socket) || socket.writableLength > 0) socket.destroy()
    else socket.setTimeout(Number(socket.timeout))
  }
}
