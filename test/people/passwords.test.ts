import t from 'tap'
import { hashPassword, PasswordVerifier } from '../../lib/people/passwords.js'
import { costOf, countArgon2 } from '../support/counted-argon2.js'

t.test('accepts only the password of a hash', async t => {
  const passwords = new PasswordVerifier()
  for (const password of ['password', ' ', 'pässwörd €', 'a\0b', 'x'.repeat(10_000)]) {
    const stored = await hashPassword(password)
    t.match(stored, /^\$argon2id\$/)
    t.equal(await passwords.verify(stored, password), true)
    t.equal(await passwords.verify(stored, `${password} `), false)
    t.equal(await passwords.verify(stored, ''), false)
  }
})

t.test('makes another hash of the same password every time', async t => {
  t.not(await hashPassword('password'), await hashPassword('password'))
})

t.test('remembers a right password for its hash, so that argon2 runs once', async t => {
  const { verifications, PasswordVerifier } = await countArgon2(t)
  const passwords = new PasswordVerifier()
  const stored = await hashPassword('password')
  t.equal(await passwords.verify(stored, 'password'), true)
  const again = await Promise.all(Array.from({ length: 5 }, () => passwords.verify(stored, 'password')))
  t.strictSame(again, [true, true, true, true, true])
  t.equal(verifications.begun, 1)
})

t.test('accepts no other password and no other hash because of a remembered password', async t => {
  const passwords = new PasswordVerifier()
  const [stored, changed] = await Promise.all([hashPassword('password'), hashPassword('changed')])
  t.equal(await passwords.verify(stored, 'password'), true)
  t.equal(await passwords.verify(stored, 'changed'), false)
  t.equal(await passwords.verify(stored, 'password'), true)
  t.equal(await passwords.verify(changed, 'password'), false)
  t.equal(await passwords.verify(changed, 'changed'), true)
})

t.test('does not remember a wrong password', async t => {
  const { verifications, PasswordVerifier } = await countArgon2(t)
  const passwords = new PasswordVerifier()
  const stored = await hashPassword('password')
  for (const attempt of [1, 2]) t.equal(await passwords.verify(stored, 'wrong'), false, `attempt ${attempt}`)
  t.equal(verifications.begun, 2)
})

t.test('accepts no password for a stored text that is not a hash', async t => {
  const passwords = new PasswordVerifier()
  for (const stored of ['', 'password', '$argon2id$', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$x', '\0']) {
    t.equal(await passwords.verify(stored, 'password'), false, stored)
    t.equal(await passwords.verify(stored, stored), false, stored)
  }
})

t.test('accepts no password for an unknown person', async t => {
  const passwords = new PasswordVerifier()
  for (const password of ['password', '', '\0', '\ud800']) t.equal(await passwords.verify(undefined, password), false)
})

t.test('treats a stored hash that costs more than the limits as no hash, whatever the order of its costs', async t => {
  const { verifications, PasswordVerifier } = await countArgon2(t)
  const passwords = new PasswordVerifier()
  const stored = await hashPassword('password')
  for (const costs of ['m=4294967295,t=2,p=1', 'm=19456,t=4294967295,p=1', 'm=262144,t=2,p=17', 't=2,p=1,m=4294967295', 'm=1,m=4294967295,t=1,p=1']) {
    t.equal(await passwords.verify(stored.replace('m=19456,t=2,p=1', costs), 'password'), false, costs)
  }
  t.strictSame([...new Set(verifications.costs)], [costOf(stored)])
})
