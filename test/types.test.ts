import fastify from 'fastify'
import t from 'tap'
import telcoNumbers, {
  InvalidParametersError, UndoRefusedError, type Authenticate, type Charge, type ChangedNumbers, type CreatedLoad,
  type LoadDetails, type LoadRecord, type OnChange, type Issue, type TelcoNumbersOptions, type UndoResult
} from '../lib/index.js'

// The type checker tests the following code; that it also runs matters less.
t.test('types every use by a host, and refuses every misuse', async t => {
  const authenticate: Authenticate = (request, { auth_username: username, auth_password: password }) => (
    request.ip !== '' && password !== '' ? { username, privileges: ['system'] } : null)
  const onChange: OnChange = async ({ record }, request) => {
    const load: LoadDetails | undefined = record.kind === 'load' ? record : undefined
    request?.log.info(load?.charged)
  }
  const options: TelcoNumbersOptions = { prefix: '/api/json', authenticate, onChange, httpStatus: 'always-200' }
  // @ts-expect-error a status that is neither of the two
  const wrongStatus: TelcoNumbersOptions = { httpStatus: 'never' }
  // @ts-expect-error an option that does not exist
  const wrongName: TelcoNumbersOptions = { tableName: 'numbers' }

  const app = fastify()
  const use = async (): Promise<void> => {
    await app.register(telcoNumbers, options)
    const created: CreatedLoad = await app.telcoNumbers.create({ start: '1', class: 1, ingroup: 1, stype: 'callerid' })
    const charges: readonly Charge[] = created.charges
    const id: string | null = created.id
    // @ts-expect-error class and ingroup are required
    await app.telcoNumbers.create({ start: '1' })
    // @ts-expect-error flags are booleans in code
    await app.telcoNumbers.create({ start: '1', class: 1, ingroup: 1, validation: 1 })
    const undone: UndoResult = await app.telcoNumbers.undo(id ?? '', { dryRun: true, person: 'operator' })
    const loads: LoadRecord[] = await app.telcoNumbers.listLoads({ limit: 1 })
    t.comment(charges, undone, loads)
  }
  const report = (error: unknown): readonly Issue[] | readonly ChangedNumbers[] | undefined => {
    if (error instanceof InvalidParametersError) return error.issues
    return error instanceof UndoRefusedError ? error.changes : undefined
  }

  t.equal(report(new Error('other')), undefined)
  t.strictSame(report(new InvalidParametersError([{ key: 'start', message: 'start is missing' }])), [
    { key: 'start', message: 'start is missing' }
  ])
  t.ok([use, wrongStatus, wrongName])
  await app.close()
})
