import t from 'tap'
import { readNewPassword } from '../../lib/cli/new-password.js'
import { until } from '../support/until.js'
import { testTerminal } from '../support/command-line.js'

t.jobs = 2

const PASSWORD = 'correct hörse battery'

/** Types lines at a terminal, one for each new question. */
async function typing (...lines: string[]) {
  const terminal = testTerminal({ isTTY: true })
  const password = readNewPassword(terminal, 'ann')
  const outcome = password.then(value => ({ value }), (error: unknown) => ({ error }))
  let [seen, isSettled] = ['', false]
  void outcome.then(() => { isSettled = true })
  for (const line of lines) {
    await until(() => isSettled || (terminal.err() !== seen && terminal.err().endsWith(': ')))
    seen = terminal.err()
    terminal.stdin.write(line)
  }
  return { ...await outcome, terminal }
}

t.test('a password is typed twice, and never shown', async t => {
  // With a typing error and a backspace.
  const { terminal, ...outcome } = await typing(`${PASSWORD}x\x7f\r`, `${PASSWORD}\r`)
  t.strictSame(outcome, { value: PASSWORD })
  t.equal(terminal.err(), 'New password for ann: \nRepeat the password: \n')
  t.equal(terminal.out(), '')
  t.strictSame(terminal.rawModes, [true, true, false], 'the terminal itself echoes nothing either')
})

t.test('text that was typed before the question is not the password', async t => {
  const terminal = testTerminal({ isTTY: true })
  terminal.stdin.write('typed too early\r')
  const password = readNewPassword(terminal, 'ann')
  for (const prompt of [/ann: $/, /Repeat the password: $/]) {
    await until(() => prompt.test(terminal.err()))
    terminal.stdin.write(`${PASSWORD}\r`)
  }
  t.equal(await password, PASSWORD)
})

t.test('two lines that arrive together are both read', async t => {
  t.match(await typing(`${PASSWORD}\r${PASSWORD}\r`), { value: PASSWORD })
})

t.test('a different repetition and an invalid password are refused', async t => {
  const { terminal, ...outcome } = await typing(`${PASSWORD}\r`, 'another one, too\r')
  t.match(outcome, { error: { code: 'TELCO_NUMBERS_INVALID_PERSON', message: 'the two passwords differ' } })
  t.notMatch(terminal.err(), /correct|another/)
  const short = await typing('short\r')
  t.match(short, { error: { code: 'TELCO_NUMBERS_INVALID_PERSON', message: /at least 12 characters, but has 5/ } })
  t.equal(short.terminal.err(), 'New password for ann: \n', 'there is no second question')
})

t.test('Ctrl-C and Ctrl-D end the prompt and restore the terminal', async t => {
  const interrupted = await typing(`${PASSWORD}\r`, 'half of it\x03')
  t.match(interrupted, { error: { code: 'TELCO_NUMBERS_INTERRUPTED', signal: 'SIGINT' } })
  t.strictSame(interrupted.terminal.rawModes, [true, true, false])
  t.match(await typing('\x04'), { error: { code: 'TELCO_NUMBERS_INVALID_PERSON', message: /but has 0/ } })
})

async function sending (...input: Array<string | Uint8Array>): Promise<string> {
  const terminal = testTerminal()
  for (const part of input) terminal.stdin.write(part)
  terminal.stdin.end()
  return await readNewPassword(terminal, 'ann')
}

t.test('standard input that is not a terminal is read whole, without a final line break', async t => {
  t.equal(await sending(PASSWORD), PASSWORD)
  t.equal(await sending(`${PASSWORD}\n`), PASSWORD)
  t.equal(await sending(`${PASSWORD}\r\n`), PASSWORD)
  t.equal(await sending(`${PASSWORD}\n\n`), `${PASSWORD}\n`, 'a second line break stays, and is refused later')
  t.equal(await sending(' padded on purpose '), ' padded on purpose ')
  const bytes = Buffer.from(PASSWORD)
  t.equal(await sending(bytes.subarray(0, 10), bytes.subarray(10)), PASSWORD, 'in chunks, split within a character')
})

t.test('input that cannot be a password is refused', async t => {
  await t.rejects(sending(), { code: 'TELCO_NUMBERS_USAGE', message: /^the password is missing: / })
  await t.rejects(sending('x'.repeat(5000)), { code: 'TELCO_NUMBERS_USAGE', message: /too long/ })
  await t.rejects(sending(Buffer.from(PASSWORD, 'latin1')), { code: 'TELCO_NUMBERS_INVALID_PERSON', message: /UTF-8/ })
})
