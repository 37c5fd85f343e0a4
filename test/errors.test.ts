import t from 'tap'
import { messageOf } from '../lib/errors.js'

t.test('returns a message for anything that is thrown', async t => {
  t.equal(messageOf(new Error('reason')), 'reason')
  t.equal(messageOf('reason'), 'reason')
})
