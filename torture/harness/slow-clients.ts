import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What a client has sent of its request: nothing, a part of the header, or a part of the body. */
const BEGUN = ['', 'POST ', 'POST / HTTP/1.1\r\nHost: x\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na']

/** Linux accepts these addresses without configuration. Elsewhere, slow clients have the same address as the others. */
const ADDRESSES = process.platform === 'linux' ? ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] : ['127.0.0.1']

const BATCH = 100

/** Connections that never send a complete request. */
export class SlowClients {
  readonly #sockets: Socket[] = []

  /** Opens `count` connections, some at the same time. `afterBatch` is called after each hundred. */
  async open (origin: string, count: number, afterBatch?: () => Promise<void>): Promise<void> {
    const { hostname, port } = new URL(origin)
    for (let opened = 0; opened < count; opened += BATCH) {
      await Promise.all(Array.from({ length: Math.min(BATCH, count - opened) }, async (_, index) => {
        const localAddress = ADDRESSES[index % ADDRESSES.length]
        const socket = connect({ host: hostname, port: Number(port), ...localAddress !== undefined && { localAddress } })
        // The server may refuse or close it.
        socket.on('error', () => {}).resume()
        this.#sockets.push(socket)
        await Promise.race([once(socket, 'connect'), once(socket, 'close')])
        socket.write(BEGUN[Math.floor(index / ADDRESSES.length) % BEGUN.length] ?? '')
      }))
      await afterBatch?.()
    }
  }

  get connected (): number {
    return this.#sockets.filter(socket => !socket.closed).length
  }

  /** Sends one more byte on every connection, which does not complete a request. */
  drip (): void {
    for (const socket of this.#sockets) if (socket.writable) socket.write('x')
  }

  close (): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
