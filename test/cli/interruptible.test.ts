import { EventEmitter } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { interruptible } from '../../lib/cli/interruptible.js'
import { InterruptedError } from '../../lib/cli/command.js'
import { DatabaseBusyError, DatabaseUnavailableError } from '../../lib/errors.js'
import { until } from '../support/until.js'
import { testTerminal } from '../support/command-line.js'

t.jobs = 4

// Moves the cursor to the first column and clears the line.
const CLEAR_LINE = '\x1b[1G\x1b[2K'

/** Work that a test ends. */
function pending () {
  const settled = new EventEmitter()
  const promise = new Promise<string>((resolve, reject) => { settled.on('resolve', resolve).on('reject', reject) })
  return {
    work: () => promise,
    resolve: (value: string) => { settled.emit('resolve', value) },
    reject: (error: Error) => { settled.emit('reject', error) }
  }
}

t.test('the elapsed time is shown, and cleared at the end', async t => {
  const terminal = testTerminal({ isTTY: true })
  const { work, resolve } = pending()
  const result = interruptible({ terminal, activity: 'Counting', cancel: async () => {} }, work)
  await until(() => /Counting: \d+ s.*Counting: \d+ s/s.test(terminal.err()))
  resolve('done')
  t.equal(await result, 'done')
  t.match(stripVTControlCharacters(terminal.err()), /^(Counting: \d+ s)+$/, 'all in one line')
  t.ok(terminal.err().endsWith(CLEAR_LINE))
})

t.test('short work, and work without an activity, shows nothing', async t => {
  const terminal = testTerminal({ isTTY: true })
  for (const activity of ['Counting', undefined]) {
    t.equal(await interruptible({ terminal, activity, cancel: async () => {} }, async () => 'done'), 'done')
  }
  t.equal(terminal.err(), '')
})

t.test('a signal after the work does not end the process before the result is printed', async t => {
  const { signals, ...terminal } = testTerminal()
  let cancelled = 0
  await interruptible({ terminal, activity: undefined, cancel: async () => { cancelled++ } }, async () => 'done')
  signals.emit('SIGINT')
  t.equal(terminal.err(), 'fastify-telco-numbers: the work has ended, and its result follows\n')
  t.equal(cancelled, 0)
  await until(() => signals.listenerCount('SIGINT') === 0)
})

t.test('a signal cancels repeatedly until the work ends, and the error is the interruption', async t => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const terminal = testTerminal()
    const { work, reject } = pending()
    let calls = 0
    // The first call finds no statement to cancel, the second fails.
    const result = interruptible({ terminal, activity: undefined, cancel: async () => { if (++calls === 2) throw new Error('lost') } }, work)
    result.catch(() => {})
    terminal.signals.emit(signal)
    // npm forwards a signal that the process has also received from the terminal.
    terminal.signals.emit(signal)
    await until(() => calls > 2)
    const cause = new DatabaseBusyError('cancelled')
    reject(cause)
    t.ok(await result.catch((error: unknown) => error instanceof InterruptedError))
    await t.rejects(result, { code: 'TELCO_NUMBERS_INTERRUPTED', signal, cause, message: 'interrupted: nothing was changed' })
    t.match(terminal.err(), /^fastify-telco-numbers: cancelling; [^\n]*\n$/, 'the line is printed once')
    const before = calls
    await new Promise(resolve => setTimeout(resolve, 300))
    t.equal(calls, before, 'nothing is cancelled afterwards')
  }
})

t.test('a signal clears the progress before anything is printed', async t => {
  const terminal = testTerminal({ isTTY: true })
  const { work, resolve } = pending()
  const result = interruptible({ terminal, activity: 'Counting', cancel: async () => { resolve('done') } }, work)
  await until(() => terminal.err().endsWith(' s'))
  terminal.signals.emit('SIGINT')
  await result
  t.ok(terminal.err().includes(`${CLEAR_LINE}fastify-telco-numbers: cancelling`))
})

t.test('work that was done before it could be cancelled is reported as done', async t => {
  const terminal = testTerminal()
  const { work, resolve } = pending()
  const result = interruptible({ terminal, activity: undefined, cancel: async () => { resolve('done') } }, work)
  terminal.signals.emit('SIGINT')
  t.equal(await result, 'done')
  t.match(terminal.err(), /cancelling.*\n.*: the work was done before it could be cancelled\n$/)
})

t.test('a lost connection is not reported as an interruption that changed nothing', async t => {
  const terminal = testTerminal()
  const { work, reject } = pending()
  const lost = new DatabaseUnavailableError('lost')
  const result = interruptible({ terminal, activity: undefined, cancel: async () => { reject(lost) } }, work)
  terminal.signals.emit('SIGINT')
  await t.rejects(result, lost)
})

t.test('an error without a signal is passed on', async t => {
  const error = new Error('mine')
  const options = { terminal: testTerminal(), activity: undefined, cancel: async () => {} }
  await t.rejects(interruptible(options, () => Promise.reject(error)), error)
})

t.test('after a while, a second signal has its default effect', async t => {
  const { signals, ...terminal } = testTerminal()
  const { work, resolve } = pending()
  const result = interruptible({ terminal, activity: undefined, cancel: async () => {} }, work)
  signals.emit('SIGINT')
  t.equal(signals.listenerCount('SIGINT'), 1)
  await until(() => signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM') === 0)
  resolve('done')
  await result
})
