import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { ConfigurationError, conditionOf } from '../../lib/config/configuration-error.js'
import { withDotEnv } from '../../lib/config/dot-env.js'
import { withSecrets } from '../../lib/config/secrets.js'

const SECRET = 'p@ss:/word?#%20 €+&='

/** What went wrong; neither the secret nor the name of its file may be in it. */
function messageOf (work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
  }
  return 'no ConfigurationError'
}

t.test('a secret may be in a file, with or without an end of line', async t => {
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

t.test('a file that holds no secret is named by its variable only', async t => {
  const folder = t.testdir({ empty: '\n' })
  t.equal(messageOf(() => withSecrets({ ADMIN_PASSWORD_FILE: join(folder, 'missing') })),
    'ADMIN_PASSWORD_FILE must name a file that can be read (ENOENT)')
  t.equal(messageOf(() => withSecrets({ DATABASE_URL_FILE: folder })), 'DATABASE_URL_FILE must name a file that can be read (EISDIR)')
  t.equal(messageOf(() => withSecrets({ DATABASE_PASSWORD_FILE: join(folder, 'empty') })),
    'DATABASE_PASSWORD_FILE names a file that is empty')
  t.equal(conditionOf('something else'), 'unknown')
})

t.test('a secret given in two ways is refused', async t => {
  const file = join(t.testdir({ file: SECRET }), 'file')
  for (const name of ['DATABASE_URL', 'DATABASE_PASSWORD', 'ADMIN_PASSWORD']) {
    t.equal(messageOf(() => withSecrets({ [name]: 'x', [`${name}_FILE`]: file })), `${name} and ${name}_FILE exclude each other`)
  }
  for (const url of ['postgres://user:secret@host/db', 'postgres:///db?password=secret', 'postgres://host/db?a=b&password=x']) {
    t.equal(messageOf(() => withSecrets({ DATABASE_URL: url, DATABASE_PASSWORD: 'x' })),
      'DATABASE_URL has a password already, which DATABASE_PASSWORD excludes')
  }
  t.match(messageOf(() => withSecrets({ DATABASE_PASSWORD: 'x' })), /^DATABASE_PASSWORD needs DATABASE_URL/)
})

t.test('a password from a file is the one that PostgreSQL is told', async t => {
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

t.test('.env adds variables, and overrides none', async t => {
  const folder = t.testdir({ '.env': '# a comment\nPORT=1\nSCHEMA="a b"\nexport PREFIX=/x\n' })
  t.strictSame(withDotEnv({ PORT: '2', HOST: 'h' }, join(folder, '.env')), { PORT: '2', HOST: 'h', SCHEMA: 'a b', PREFIX: '/x' })
  t.strictSame(withDotEnv({ PORT: '2' }, join(folder, 'missing')), { PORT: '2' })
  t.match(messageOf(() => withDotEnv({}, folder)), /^the file .* cannot be read \(EISDIR\)$/)
})
