import t from 'tap'
import { CREATE_PARAMETER_NAMES, EXPECTATIONS, CreateRequest, PARAMETER_NAMES } from '../../lib/parameters/create.js'

t.test('lists the parameters in the order of the specification, with stype last', async t => {
  t.strictSame(PARAMETER_NAMES, [
    'auth_username', 'auth_password', 'start', 'class', 'ingroup', 'alias', 'charge_customer', 'customer', 'end', 'region',
    'validation', 'stype'
  ])
  t.strictSame(CREATE_PARAMETER_NAMES, PARAMETER_NAMES.slice(2))
})

t.test('gives optional parameters the defaults of the specification', async t => {
  const defaults = CREATE_PARAMETER_NAMES.map(name => [name, CreateRequest.properties[name].default as unknown])
  t.strictSame(Object.fromEntries(defaults), {
    start: undefined,
    class: undefined,
    ingroup: undefined,
    alias: '',
    charge_customer: false,
    customer: 0,
    end: '',
    region: 0,
    validation: false,
    stype: 'number'
  })
})

t.test('begins every expectation with the name of its parameter', async t => {
  for (const name of PARAMETER_NAMES) t.match(EXPECTATIONS[name], new RegExp(`^${name} must be `))
})
