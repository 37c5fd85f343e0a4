import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import type { Test } from 'tap'
import { DATABASE_URL } from './host.js'

export interface Proxy {
  /** Connection string by way of the proxy. */
  readonly url: string
  /** From now on nothing passes, and nobody is told: as when a cable is cut. */
  freeze: () => void
  /** Ends every connection, and takes no more before `restore`. */
  cut: () => void
  restore: () => void
  /** Everything that has passed to the database, as Latin-1. */
  sent: () => string
}

/** A way to the database that can fall silent, and that may change what the database says. */
export async function openProxy (t: Test, change = (data: Buffer): Buffer => data): Promise<Proxy> {
  const url = new URL(DATABASE_URL)
  const { hostname, port } = url
  const sockets = new Set<Socket>()
  const sent: Buffer[] = []
  let isCut = false
  const server = createServer(near => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(Number(port), hostname)
    near.on('data', (data: Buffer) => sent.push(data))
    const changed = new Transform({ transform: (data: Buffer, _encoding, done) => { done(null, change(data)) } })
    near.pipe(far)
    far.pipe(changed).pipe(near)
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    freeze: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    cut: () => {
      isCut = true
      for (const socket of sockets) socket.destroy()
    },
    restore: () => { isCut = false },
    sent: () => Buffer.concat(sent).toString('latin1')
  }
}
