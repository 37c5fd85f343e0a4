import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { CreateParameters, CreateRequest } from '../../lib/parameters/create.js'

t.test('lists the parameters in the order of the specification, with stype last', async t => {
  t.strictSame(Object.keys(CreateParameters.properties), [
    'start', 'class', 'ingroup', 'alias', 'charge_customer', 'customer', 'end', 'region',
    'validation', 'stype'
  ])
})

t.test('requires the parameters that the specification requires', async t => {
  const required = Object.entries(CreateParameters.properties).filter(([, schema]) => !('default' in schema)).map(([name]) => name)
  t.strictSame(required, ['start', 'class', 'ingroup'])
})

t.test('gives optional parameters the defaults of the specification', async t => {
  t.strictSame(Value.Default(CreateRequest, {}), {
    alias: '', charge_customer: false, customer: 0, end: '', region: 0, validation: false, stype: 'number'
  })
  t.match(Value.Default(CreateParameters, {}), { charge_customer: 0, validation: 0 })
})

t.test('has a hint for every parameter', async t => {
  for (const [name, { hint }] of Object.entries(CreateRequest.properties)) t.match(hint, /^must be /, name)
})
