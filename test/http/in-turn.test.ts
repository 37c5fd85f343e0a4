import t from 'tap'
import { inTurn } from '../../lib/http/in-turn.js'

t.test('runs other work between tasks, even if one fails', async t => {
  const order: string[] = []
  const tasks = ['a', 'b', 'c'].map(name => inTurn(() => {
    order.push(name)
    setImmediate(() => { order.push(`after ${name}`) })
    if (name === 'a') throw new Error('a failed')
    return name
  }))
  const [failed, ...done] = await Promise.allSettled(tasks)
  t.match(failed, { reason: { message: 'a failed' } })
  t.match(done, [{ value: 'b' }, { value: 'c' }])
  t.strictSame(order, ['a', 'after a', 'b', 'after b', 'c'])
})
