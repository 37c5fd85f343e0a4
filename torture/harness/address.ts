import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'

/** An address of a database that can be moved to another server, as a virtual address is after a failover. */
export class Address {
  readonly #server: Server
  #port: number

  private constructor (server: Server, port: number) {
    this.#server = server
    this.#port = port
    server.on('connection', near => {
      const far = connect(this.#port, '127.0.0.1')
      near.pipe(far).pipe(near)
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.on('error', () => to.destroy())
        from.on('close', () => to.destroy())
      }
    })
  }

  /** Opens an address for the server of a connection string. */
  static async open (url: string): Promise<Address> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Address(server, portOf(url))
  }

  /** Returns a connection string for the address. */
  urlFor (url: string): string {
    const own = new URL(url)
    own.port = String((this.#server.address() as AddressInfo).port)
    return own.href
  }

  /** Moves the address to the server of a connection string. Open connections stay where they are. */
  moveTo (url: string): void {
    this.#port = portOf(url)
  }

  close (): void {
    this.#server.close()
  }
}

function portOf (url: string): number {
  return Number(new URL(url).port)
}
