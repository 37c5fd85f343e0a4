import { Type } from '@sinclair/typebox'
import t from 'tap'
import { assertValid, isValid } from '../../lib/parameters/check.js'

t.test('checks values against a schema, the first time and after that', async t => {
  const schema = Type.Integer({ minimum: 3 })
  for (let call = 0; call < 2; call++) t.strictSame([3, 2, '3', undefined].map(value => isValid(schema, value)), [true, false, false, false])
})

t.test('throws for a value that does not match its schema', async t => {
  t.doesNotThrow(() => { assertValid(Type.String(), 'text') })
  t.throws(() => { assertValid(Type.String(), 1) }, TypeError)
})
