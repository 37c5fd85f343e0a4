import t from 'tap'
import { inSchema, resolve } from '../../lib/database/statement.js'

t.test('inserts the name of the schema as an identifier wherever SQL refers to it', async t => {
  t.equal(inSchema('telco', 'select from :"schema".a, :"schema".b'), 'select from "telco".a, "telco".b')
  t.equal(inSchema('a"b', ':"schema"'), '"a""b"')
  t.equal(inSchema('$& $1 $$', ':"schema"'), '"$& $1 $$"')
  t.equal(inSchema('schema', 'select \':schema\', "schema"'), 'select \':schema\', "schema"')
})

t.test('takes no part of the name of the schema for a value', t => {
  t.strictSame(resolve('a:b', 'select :b from :"schema".a'), { text: 'select $1 from "a:b".a', names: ['b'] })
  t.end()
})
