import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { ConfigurationError, conditionOf } from '../../lib/config/configuration-error.js'
import { withDotEnv } from '../../lib/config/dot-env.js'
import { withSecrets } from '../../lib/config/secrets.js'

const SECRET = 'p@ss:/word?#%20 €+&='

/** Returns the message of the error. It contains neither the secret nor the name of its file. */
function messageOf (work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
  }
  return 'no ConfigurationError'
}

t.test('a secret can be in a file, with or without a final line break', async t => {
  const folder = t.testdir({ unix: `${SECRET}\n`, windows: `${SECRET}\r\n`, bare: SECRET })
  for (const file of ['unix', 'windows', 'bare']) {
    for (const name of ['DATABASE_URL', 'ADMIN_PASSWORD']) {
      t.equal(withSecrets({ [`${name}_FILE`]: join(folder, file), PORT: '1' })[name], SECRET, `${name} ${file}`)
    }
  }
  t.strictSame(withSecrets({ PORT: '1', DATABASE_URL: 'x', ADMIN_PASSWORD_FILE: '' }), {
    PORT: '1', DATABASE_URL: 'x', ADMIN_PASSWORD_FILE: ''
  })
})

t.test('a file without a secret is reported by its variable only', async t => {
  const folder = t.testdir({ empty: '\n' })
  t.equal(messageOf(() => withSecrets({ ADMIN_PASSWORD_FILE: join(folder, 'missing') })),
    'ADMIN_PASSWORD_FILE must name a readable file (ENOENT)')
  t.equal(messageOf(() => withSecrets({ DATABASE_URL_FILE: folder })), 'DATABASE_URL_FILE must name a readable file (EISDIR)')
  t.equal(messageOf(() => withSecrets({ DATABASE_PASSWORD_FILE: join(folder, 'empty') })),
    'DATABASE_PASSWORD_FILE must name a file that is not empty')
  t.equal(conditionOf('something else'), 'unknown')
})

t.test('a secret that is set in two ways is refused', async t => {
  const file = join(t.testdir({ file: SECRET }), 'file')
  for (const name of ['DATABASE_URL', 'DATABASE_PASSWORD', 'ADMIN_PASSWORD']) {
    t.equal(messageOf(() => withSecrets({ [name]: 'x', [`${name}_FILE`]: file })), `${name} and ${name}_FILE exclude each other`)
  }
  for (const url of ['postgres://user:secret@host/db', 'postgres:///db?password=secret', 'postgres://host/db?a=b&password=x']) {
    t.equal(messageOf(() => withSecrets({ DATABASE_URL: url, DATABASE_PASSWORD: 'x' })),
      'DATABASE_URL has a password, which excludes DATABASE_PASSWORD')
  }
  t.match(messageOf(() => withSecrets({ DATABASE_PASSWORD: 'x' })), /^DATABASE_PASSWORD requires DATABASE_URL$/)
})

t.test('a password from a file is sent to PostgreSQL unchanged', async t => {
  const file = join(t.testdir({ file: SECRET }), 'file')
  for (const url of [
    'postgres://user@host:5432/db', 'postgres://user@host/db?application_name=x', 'postgres:///db?host=/run/postgresql&user=user',
    'postgres://user:@[::1]/db'
  ]) {
    const { DATABASE_URL } = withSecrets({ DATABASE_URL: url, DATABASE_PASSWORD_FILE: file })
    const { user, database, password } = new pg.Client(DATABASE_URL)
    t.strictSame({ user, database, password }, { user: 'user', database: 'db', password: SECRET }, url)
  }
})

t.test('.env adds variables and overrides none', async t => {
  const folder = t.testdir({ '.env': '# a comment\nPORT=1\nSCHEMA="a b"\nexport PREFIX=/x\n' })
  t.strictSame(withDotEnv({ PORT: '2', HOST: 'h' }, join(folder, '.env')), { PORT: '2', HOST: 'h', SCHEMA: 'a b', PREFIX: '/x' })
  t.strictSame(withDotEnv({ PORT: '2' }, join(folder, 'missing')), { PORT: '2' })
  t.match(messageOf(() => withDotEnv({}, folder)), /^cannot read the file .* \(EISDIR\)$/)
})

t.test('a value of .env that a # would silently cut off is refused', async t => {
  const read = (text: string) => withDotEnv({}, join(t.testdir({ '.env': text }), '.env'))
  for (const text of ['A=correcthorse1#battery', ' export A = b c#d\n', 'B=1\nA=#secret']) {
    t.match(messageOf(() => read(text)), /^A in the file .* contains a #: put the value between quotes, or a space/)
  }
  const text = '# X=y#z\nA="b#c"\nB=\'d#e\'\nC=f # comment\nD= # nothing\nE=\n'
  t.strictSame(read(text), { A: 'b#c', B: 'd#e', C: 'f', D: '', E: '' })
})

t.test('a variable that Compose has not replaced is not a secret', async t => {
  t.match(messageOf(() => withSecrets({ ADMIN_PASSWORD: '${ADMIN_PASSWORD:-}' })), /^ADMIN_PASSWORD is the name of a variable that Compose has not replaced/)
  t.match(withSecrets({ ADMIN_PASSWORD: 'a ${b} c' }), { ADMIN_PASSWORD: 'a ${b} c' })
})
