import t from 'tap'
import { messageOf } from '../lib/errors.js'

t.test('anything thrown has a message', async t => {
  t.equal(messageOf(new Error('reason')), 'reason')
  t.equal(messageOf('reason'), 'reason')
})
