import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import type { Test } from 'tap'
import { DATABASE_URL } from './host.js'

export interface Proxy {
  /** The connection string of the proxy. */
  readonly url: string
  /** Stops all traffic without closing a connection, as if a cable were cut. */
  freeze: () => void
  /** Closes every connection, and accepts no new one before `restore`. */
  cut: () => void
  restore: () => void
  /** Returns everything that was sent to the database, as Latin-1. */
  sent: () => string
}

/** Opens a proxy to the database; `change` may replace the data that the database sends. */
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
