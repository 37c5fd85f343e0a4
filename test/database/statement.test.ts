import t from 'tap'
import { inSchema } from '../../lib/database/statement.js'

t.test('inserts the name of the schema as an identifier wherever SQL refers to it', async t => {
  t.equal(inSchema('telco', 'select from :"schema".a, :"schema".b'), 'select from "telco".a, "telco".b')
  t.equal(inSchema('a"b', ':"schema"'), '"a""b"')
  t.equal(inSchema('$& $1 $$', ':"schema"'), '"$& $1 $$"')
  t.equal(inSchema('schema', 'select \':schema\', "schema"'), 'select \':schema\', "schema"')
})
