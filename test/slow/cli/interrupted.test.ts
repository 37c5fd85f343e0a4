import t from 'tap'
import { DATABASE_URL, demoSchema } from '../../support/host.js'
import { openProxy } from '../../support/proxy.js'
import { until } from '../../support/until.js'
import { holdLoads } from '../../support/command-line.js'
import { startProgram } from '../../support/program.js'

t.jobs = 2

const CREATE = ['create', '--start', '1', '--class', '1', '--ingroup', '1', '--yes']

t.test('Ctrl-C cancels a load, even if npm forwards it once more', async t => {
  const database = await demoSchema(t)
  const held = await holdLoads(t, database)
  const program = startProgram(t, CREATE, { DATABASE_URL, SCHEMA: database.schema })
  await held.isHeld()
  program.child.kill('SIGINT')
  program.child.kill('SIGINT')
  t.equal(await program.ended, 130)
  t.match(program.err(), /interrupted: nothing was changed\n$/)
  t.equal(program.out(), '')
  await held.letGo()
  t.strictSame(await database.sql('select from loads'), [])
})

t.test('a second Ctrl-C exits if the database does not answer', async t => {
  const database = await demoSchema(t)
  const held = await holdLoads(t, database)
  const proxy = await openProxy(t)
  const program = startProgram(t, CREATE, { DATABASE_URL: proxy.url, SCHEMA: database.schema })
  await held.isHeld()
  proxy.freeze()
  let hasEnded = false
  void program.ended.then(() => { hasEnded = true })
  await until(() => {
    program.child.kill('SIGINT')
    return hasEnded
  })
  t.equal(await program.ended, 'SIGINT')
  t.match(program.err(), /^fastify-telco-numbers: cancelling; a second Ctrl-C exits without waiting for the database\n$/)
})
