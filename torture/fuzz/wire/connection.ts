import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { MalformedResponseError, readResponse, wantsClose, type WireResponse } from './response.js'

/** The replies in their order, and why there are fewer replies than requests if there are. */
export interface Exchange {
  readonly responses: readonly WireResponse[]
  readonly end: 'all replied' | 'closed' | 'silent' | 'malformed'
  readonly detail?: string
}

const REPLY_TIMEOUT_MS = 60_000

/** A client that keeps its connection, and opens another one after the server has closed it. */
export class Connection {
  readonly #port: number
  #socket: Socket | undefined
  #received: Buffer = Buffer.alloc(0)
  #isEnded = false
  #wake: () => void = () => {}

  constructor (port: number) {
    this.#port = port
  }

  /** Sends bytes, piece by piece, and waits for the replies to requests of these methods. */
  async exchange (pieces: readonly Buffer[], methods: readonly string[]): Promise<Exchange> {
    const socket = await this.#open()
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await sleep(1)
      if (!socket.destroyed) socket.write(piece)
    }
    const responses: WireResponse[] = []
    try {
      for (const method of methods) {
        const response = await this.#next(method)
        if (typeof response === 'string') {
          this.close()
          return { responses, end: response }
        }
        responses.push(response)
        if (wantsClose(response)) this.close()
      }
      if (this.#received.length > 0) throw new MalformedResponseError(`bytes after the last reply: ${this.#received.toString('latin1')}`)
      return { responses, end: 'all replied' }
    } catch (error) {
      this.close()
      if (error instanceof MalformedResponseError) return { responses, end: 'malformed', detail: error.message }
      throw error
    }
  }

  /** Sends bytes and closes the connection. */
  async abandon (bytes: Buffer): Promise<void> {
    const socket = await this.#open()
    await new Promise(resolve => { socket.write(bytes, resolve) })
    this.close()
  }

  /** Sends bytes and nothing more. The connection stays open until {@link close}. */
  async stall (bytes: Buffer): Promise<void> {
    (await this.#open()).write(bytes)
  }

  close (): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  async #open (): Promise<Socket> {
    if (this.#socket !== undefined && !this.#isEnded && !this.#socket.destroyed) return this.#socket
    this.close()
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    this.#socket = socket
    this.#received = Buffer.alloc(0)
    this.#isEnded = false
    const end = (): void => {
      if (this.#socket !== socket) return
      this.#isEnded = true
      this.#wake()
    }
    socket.on('data', data => {
      if (this.#socket !== socket) return
      this.#received = Buffer.concat([this.#received, data])
      this.#wake()
    })
    // A server that refuses a large body closes the connection while the client is still sending. Only the reply matters.
    socket.on('error', end).on('end', end).on('close', end)
    await once(socket, 'connect')
    return socket
  }

  async #next (method: string): Promise<WireResponse | 'closed' | 'silent'> {
    const deadline = performance.now() + REPLY_TIMEOUT_MS
    for (;;) {
      const read = readResponse(this.#received, method, this.#isEnded)
      if (read !== undefined) {
        this.#received = read.rest
        return read.response
      }
      if (this.#isEnded || this.#socket === undefined) return 'closed'
      const remaining = deadline - performance.now()
      if (remaining <= 0) return 'silent'
      await this.#more(remaining)
    }
  }

  async #more (remaining: number): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, remaining)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = () => {}
  }
}
