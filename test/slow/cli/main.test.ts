import t from 'tap'
import { callOf, DATABASE_URL, demoSchema, emptySchema } from '../../support/host.js'
import { until } from '../../support/until.js'
import { startProgram } from '../../support/program.js'

t.jobs = 2

t.test('results go to standard output, everything else to standard error, and the exit status shows success', async t => {
  const { schema, sql } = await demoSchema(t)
  const environment = { DATABASE_URL, SCHEMA: schema }
  const quote = startProgram(t, ['quote'], environment)
  t.equal(await quote.ended, 2)
  t.equal(quote.out(), '')
  t.match(quote.err(), /^fastify-telco-numbers: missing --start, --class, --ingroup, --customer; /)
  const add = startProgram(t, ['person', 'add', 'ann', '--role', 'User'], environment)
  add.child.stdin.end('correct horse battery\n')
  t.equal(await add.ended, 0)
  t.equal(add.out(), 'Added ann, role 2 "User" (numbers), enabled.\n')
  t.equal(add.err(), '')
  t.equal((await sql('select from people')).length, 3)
})

t.test('the result of a completed load is not lost if standard output is closed or full', async t => {
  const { schema, sql } = await demoSchema(t)
  const words = ['create', '--class', '1', '--ingroup', '1', '--yes', '--start']
  const closed = startProgram(t, [...words, '1'], { DATABASE_URL, SCHEMA: schema })
  closed.child.stdout.destroy()
  t.equal(await closed.ended, 3)
  t.match(closed.err(), /: Load 1: 1 number added\..*\n.*: done, but the result cannot be written to standard output: .*EPIPE\n$/)
  if (process.platform === 'linux') {
    const full = ['sh', '-c', 'exec "$0" "$@" > /dev/full', process.execPath] as const
    const program = startProgram(t, [...words, '2', '--json'], { DATABASE_URL, SCHEMA: schema }, full)
    t.equal(await program.ended, 3)
    t.match(program.err(), /: {3}"id": "2",\n[^]*: done, but .*ENOSPC/)
    const refused = startProgram(t, [...words, '2', '--json'], { DATABASE_URL, SCHEMA: schema }, full)
    t.equal(await refused.ended, 1)
  }
  const listing = startProgram(t, ['list'], { DATABASE_URL, SCHEMA: schema })
  listing.child.stdout.destroy()
  t.equal(await listing.ended, 141, 'the list can be printed again')
  t.equal((await sql('select from loads')).length, process.platform === 'linux' ? 2 : 1)
})

t.test('serve does the same as npm start', async t => {
  const { schema } = await emptySchema(t)
  const environment = { DATABASE_URL, SCHEMA: schema, PORT: '0', SEED_DEMO: 'true' }
  const program = startProgram(t, ['serve'], environment)
  await until(() => program.out().includes('Listening on') || program.child.exitCode !== null)
  const [, origin = ''] = /Listening on (http:[^"]*)"/.exec(program.out()) ?? []
  t.match(await (await fetch(`${origin}${callOf({ start: '2125550000', class: 1, ingroup: 2 })}`)).json(), { data: { count: 1 } })
  program.child.kill('SIGTERM')
  t.equal(await program.ended, 0)

  const wrong = startProgram(t, ['serve'], { ...environment, PORT: 'x' })
  t.equal(await wrong.ended, 1)
  t.match(wrong.err(), /^fastify-telco-numbers: PORT must be/)
})
