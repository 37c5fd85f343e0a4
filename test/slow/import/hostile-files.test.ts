import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { FORM, JSON_OBJECT } from '../../support/endpoint.js'
import { DATABASE_URL, emptySchema, USER, type Answer } from '../../support/host.js'
import { FILE_BYTES, HOSTILE_FILES, LINE_FEEDS, MAX_BYTES, MAX_EMPTY_BYTES, REPEATED } from '../../support/hostile-files.js'
import type { HostileReading } from '../../support/read-hostile-files.js'
import { startServer } from '../../support/server-process.js'

const READER = fileURLToPath(new URL('../../support/read-hostile-files.js', import.meta.url))

const DEFAULTS = new URLSearchParams({ ...USER, class: '1', ingroup: '1' }).toString()

t.setTimeout(600_000)

t.test('reads 32 MiB of any shape within bounded memory, and reports the issues', async t => {
  const readings: HostileReading[] = []
  const child = fork(READER, { execArgv: ['--enable-source-maps'] }).on('message', reading => { readings.push(reading as HostileReading) })
  t.strictSame(await once(child, 'exit'), [0, null])
  for (const [index, { name, message }] of [...HOSTILE_FILES, LINE_FEEDS, REPEATED].entries()) {
    t.match(readings[index], { name, message }, name)
    t.ok(Number(readings[index]?.bytes) < (index <= HOSTILE_FILES.length ? MAX_EMPTY_BYTES : MAX_BYTES), `${name}: ${readings[index]?.bytes} bytes`)
  }
})

t.test('replies to 32 MiB of any shape with 400 or 413 within bounded memory', { skip: process.platform !== 'linux' }, async t => {
  const { schema } = await emptySchema(t)
  const server = startServer(t, { DATABASE_URL, SCHEMA: schema, SEED_DEMO: 'true', STATEMENT_TIMEOUT: '60000' })
  const [origin = ''] = /http:[^"]*/.exec(await server.printed(/Listening/)) ?? []
  const send = async (contentType: string, body: Buffer): Promise<{ code: string | undefined, message: string | undefined }> => {
    const reply = await fetch(`${origin}/api/json/numbers/system/import?${DEFAULTS}`, {
      method: 'POST', headers: { 'content-type': contentType }, body: new Uint8Array(body), signal: AbortSignal.timeout(300_000)
    })
    const { code, message } = (await reply.json() as Answer).responses[0] ?? {}
    return { code, message }
  }
  const memory = async (name: string): Promise<number> => (
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(await readFile(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1_024)

  t.match(await send('text/csv', Buffer.from('3O1')), { code: '400' })
  const before = await memory('VmRSS')
  for (const { name, make, message } of HOSTILE_FILES) t.match(await send('text/csv', make()), { code: '400', message }, name)
  const tooLarge = { code: '413', message: 'The body is too large.' }
  for (const [contentType, unit] of [
    [FORM, 'a=1&'], [FORM, '&'], [JSON_OBJECT, '['], [JSON_OBJECT, '{"a":'], [JSON_OBJECT, '""'], [JSON_OBJECT, '1']
  ] as const) {
    t.match(await send(contentType, Buffer.alloc(FILE_BYTES, unit)), tooLarge, `${contentType} ${unit}`)
  }
  t.match(await send(FORM, Buffer.alloc(FILE_BYTES, '%')), { code: '400' }, 'only %')
  t.match(await send(JSON_OBJECT, Buffer.alloc(FILE_BYTES, '\\')), tooLarge, 'only backslashes')
  // Bodies that arrive whole are in memory several times.
  t.ok(await memory('VmHWM') - before < MAX_BYTES / 2, `${await memory('VmHWM') - before} bytes`)
  t.match(await send('text/csv', REPEATED.make()), { code: '400', message: REPEATED.message }, REPEATED.name)
  t.ok(await memory('VmHWM') - before < MAX_BYTES, `${await memory('VmHWM') - before} bytes`)
  process.kill(server.pid, 'SIGTERM')
  t.equal(await server.ended, 0)
})
