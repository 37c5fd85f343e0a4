import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { networkOf } from '../people/source.js'

/**
 * Maximum of connections without a call. With those of the pool, they are fewer than the 1,024 files that a process may often
 * open.
 */
const MAX_WAITING = 500

/** Longer than the minute for which proxies keep a connection, because the proxy must close it first. */
const KEEP_ALIVE_MS = 72_000

/** The interval at which Node.js looks for requests that take too long. */
const CHECK_INTERVAL_MS = 1_000

/** Time that a stopping server waits for a client that does not read its reply. */
const STALLED_REPLY_MS = 5_000

const METHOD_NOT_ALLOWED = 'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, POST\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

/**
 * Tracks the connections of a server, so that none can block other clients or the stop of the server. A connection waits for its
 * client until a whole request has arrived, and after the reply. If too many wait, the oldest one of the source that has the most
 * is closed.
 */
export class Connections {
  readonly #timeout: number
  /** The waiting connections, the oldest first, with their sources. */
  readonly #waiting = new Map<Socket, string>()
  /** All connections, with the count of their calls. */
  readonly #calls = new Map<Socket, number>()
  #isClosing = false

  /** `timeout` is the milliseconds that a client may take to send a request, or may pause while it reads the reply. */
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
    // By now, the body has arrived.
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
    // Otherwise a client could keep its connection open, and so the server running.
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

  /** A call may send nothing for a long time, but its client must read the data that is sent. */
  #onSilence (socket: Socket): void {
    if (this.#waiting.has(socket) || socket.writableLength > 0) socket.destroy()
    else socket.setTimeout(Number(socket.timeout))
  }
}
