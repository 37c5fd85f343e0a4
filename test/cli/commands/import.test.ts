import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { DATABASE_URL, demoSchema } from '../../support/host.js'
import { holdLoads, run, runAnswering, runAt, testTerminal } from '../../support/command-line.js'

t.jobs = 3

const DEFAULTS = ['--class', '1', '--ingroup', '2']

async function demo (t: Test) {
  const database = await demoSchema(t)
  const folder = await mkdtemp(join(tmpdir(), 'import-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return {
    ...database,
    environment: { DATABASE_URL, SCHEMA: database.schema, USER: 'operator' },
    write: async (name: string, content: string | Buffer): Promise<string> => {
      await writeFile(join(folder, name), content)
      return join(folder, name)
    }
  }
}

t.test('at a terminal it shows a preview, and asks', async t => {
  const { environment, sql, write } = await demo(t)
  const file = await write('numbers.csv', 'range,customer\n030123450-9,\n0301234510-99,3\n')
  const words = ['import', file, ...DEFAULTS]
  t.match(await runAnswering(words, environment, [[/Continue\?/, 'n\r']]), { status: 1, err: /not confirmed: nothing was changed/ })
  t.strictSame(await run([...words, '--validation'], environment), {
    status: 0,
    err: '',
    out: '100 numbers would be added, in 2 ranges, first listed 030123450, last listed 0301234599\n' +
      'warning: line 3: number 0301234510 begins with number 030123451 of line 2\nThe input passed validation; nothing was added.'
  })
  const answered = await runAnswering(words, environment, [[/Continue\?/, 'y\r']])
  t.match(answered, { status: 0, out: 'Load 1: 100 numbers added. To undo it: fastify-telco-numbers undo 1\n' })
  t.match(answered.err, `100 numbers will be added, in 2 ranges, first listed 030123450, last listed 0301234599
  warning: line 3: number 0301234510 begins with number 030123451 of line 2
  no charges\n`)
  t.strictSame(await sql('select person, source, count, ranges from loads'), [
    { person: 'operator', source: 'command line', count: 100, ranges: 2 }
  ])
  const { out } = await run(['show', '1'], environment)
  t.match(out, /100 numbers in 2 ranges, first listed 030123450, last listed 0301234599, class 1, ingroup 2, number, by operator/)
  t.match(out, '  030123450 to 030123459 (10), class 1, ingroup 2, number\n  0301234510 to 0301234599 (90), class 1, ingroup 2, customer 3, number')
  t.match(await run(['undo', '1', '--yes'], environment), { status: 0, out: /100 numbers deleted/ })
})

t.test('names parameters as its options, except in what it quotes', async t => {
  const { environment } = await demo(t)
  const refusalOf = async (file: string, ...words: string[]): Promise<string> => (
    (await run(['import', '-', ...words, '--yes'], environment, file)).err)
  t.match(await refusalOf('212-555-0000-1\n', ...DEFAULTS), /if hyphens belong to the numbers, give --punctuation=strip$/)
  t.match(await refusalOf('+301\n', ...DEFAULTS), /give the option --plus to replace it: --plus= by nothing, --plus=00 by 00, or --plus=44:0 by 0 for \+44$/)
  t.match(await refusalOf('"punctuation=strip the parameter x"\n', ...DEFAULTS), / are "punctuation=strip the parameter x"/)
  t.match(await refusalOf('Phone\n301\n', ...DEFAULTS), / with the option --columns$/)
  t.match(await refusalOf('301\n', '--class=0', '--ingroup=2'), /: class is missing: give it as an option, or in a column class$/)
  t.match(await refusalOf('301\n', ...DEFAULTS, '--charge-customer'), /: --charge_customer needs a customer .*, or no --charge_customer$/)
  t.match(await refusalOf('301\n', ...DEFAULTS, '--length=x'), /length must be .*: 10, or 3\+7$/)
  const { out } = await run(['import', '-', '--class=0', '--ingroup=2', '--yes', '--json'], environment, '301\n')
  t.match(JSON.parse(out), { error: { issues: [{ key: 'class', message: 'class is missing: give it as a parameter, or in a column class' }] } })
})

t.test('shows the charges of customers, and the first ranges of many', async t => {
  const { environment, write } = await demo(t)
  const file = await write('numbers.csv', `number,alias,region\n${Array.from({ length: 25 }, (_, index) => `${100 + 2 * index},+${500 + index},1`).join('\n')}`)
  const words = ['import', file, ...DEFAULTS, '--customer', '3', '--charge-customer']
  const answered = await runAnswering(words, environment, [[/Continue\?/, 'y\r']])
  t.match(answered.err, 'customer 3 (Customer) pays 25 x 1.50 = 37.50')
  t.match(answered.out, 'customer 3 (Customer) paid 25 x 1.50 = 37.50')
  t.match((await run(['show', '1'], environment)).out, '  100, aliases from +500, class 1, ingroup 2, customer 3, region 1, number')
  t.match((await run(['show', '1'], environment)).out, '  and 5 more ranges; --json prints them')
  const one = await write('one.csv', '7\n')
  t.match((await runAnswering(['import', one, ...DEFAULTS], environment, [[/Continue\?/, 'y\r']])).err, /1 number will be added, in 1 range: 7 to 7/)
})

t.test('a load of numbers with different attributes is shown with those of its ranges only', async t => {
  const { environment } = await demo(t)
  const file = 'number,class,ingroup,stype\n1,1,1,number\n3,2,2,callerid\n'
  t.match(await run(['import', '-', '--yes'], environment, file), { status: 0 })
  const { out } = await run(['show', '1'], environment)
  t.match(out, '2 numbers in 2 ranges, first listed 1, last listed 3, by operator')
  t.match(out, '\n  1, class 1, ingroup 1, number\n  3, class 2, ingroup 2, callerid')
})

t.test('reads standard input, and needs --yes without a terminal', async t => {
  const { environment, sql } = await demo(t)
  t.match(await run(['import', '-', ...DEFAULTS], environment, '301'), { status: 2, err: /give --yes to run it without a question/ })
  t.match(await run(['import', '-', ...DEFAULTS, '--yes'], environment, '301\n302'), { status: 0, out: /2 numbers added/ })
  t.match(await run(['import', '-', ...DEFAULTS, '--validation'], environment, '303'), { status: 0, out: /nothing was added/ })
  t.match(await run(['import', '-', ...DEFAULTS, '--yes', '--plus='], environment, '+303'), { status: 0 })
  t.match(await run(['import', '-', '--yes', '--json', '--plus', 'x'], environment, '303'), { status: 1, out: /"key": "plus"/ })
  t.match(await run(['import', '/does/not/exist', ...DEFAULTS, '--yes'], environment), { status: 2, err: /cannot read \/does\/not\/exist: ENOENT/ })
  t.strictSame(await sql('select number from numbers order by number'), [{ number: '301' }, { number: '302' }, { number: '303' }])
})

t.test('writes a refused file back with its issues, which can be corrected and imported', async t => {
  const { environment, sql, write } = await demo(t)
  const refuse = async (name: string, content: string | Buffer, words: string[] = []): Promise<Buffer> => {
    const [file, result] = [await write(name, content), await write(`result-${name}`, '')]
    t.match(await run(['import', file, ...DEFAULTS, '--yes', '--result', result, ...words], environment), {
      status: 1, err: new RegExp(`${name} has the file with the issues in its column error`)
    })
    return await readFile(result)
  }
  const list = (await refuse('list.txt', '301\n\n3O2\n301\n')).toString()
  t.equal(list, 'range,error\n301,\n3O2,"line 3, column 1: ""3O2"" must be 1 to 32 digits; only spaces, dots, slashes and parentheses may be in between"\n301,"line 4, column 1: number 301 is on line 1 already"\n')
  t.match((await refuse('ends.txt', '301;309\n3O2;\n')).toString(), /^start;end;error\n301;309;\n3O2;;"line 2/)
  const csv = await refuse('latin.csv', Buffer.from('number;Ort;error\n=1;Köln;old\n1;x;old\n', 'latin1'), ['--encoding', 'latin1'])
  t.match(csv.toString('latin1'), /^number;Ort;error\n'=1;Köln;"line 2, column number: ""=1"" must be .*"\n1;x;\n$/)
  const euros = await refuse('euros.csv', Buffer.from('number,Price\nx,5 \x80\n', 'latin1'), ['--encoding', 'latin1'])
  t.match(euros.toString('latin1'), /^number,Price,error\nx,5 \x80,/, 'Windows-1252 stays as it was')
  t.match((await refuse('empty.csv', '')).toString(), 'error\n')
  t.match((await refuse('tab.csv', 'number\tx\nx\t1', ['--delimiter', 'tab'])).toString(), /^number\tx\terror\nx\t1\t"line 2/)
  t.equal((await refuse('short.csv', 'number,alias\n1\nx\n')).toString().slice(0, 30), 'number,alias,error\n1,,\nx,,"lin')
  t.match((await refuse('wide.csv', 'number,alias\n1,2,3,4\n')).toString(), /^number,alias,error\n1,2,"line 2: the row has 4 cells, .*",3,4\n$/)
  const [latin, kept] = [await write('latin1.csv', Buffer.from('number,Ort\n1,K\xF6ln\n', 'latin1')), await write('kept.csv', 'kept')]
  t.match(await run(['import', latin, ...DEFAULTS, '--yes', '--result', kept], environment), { status: 1, err: /^[^\n]*line 2: the file must be UTF-8: [^\n]*\n?$/ })
  t.equal((await readFile(kept)).toString(), 'kept', 'a file that is not UTF-8 cannot be written back')
  t.strictSame(await sql('select from loads'), [])

  t.match(await run(['create', '--start', '401', '--end', '403', ...DEFAULTS, '--yes'], environment), { status: 0 })
  t.equal(
    (await refuse('run.csv', 'number\n400\n401\n402\n403\n404\n')).toString().replaceAll(/"[^"]*already exist[^"]*"/g, 'exists'),
    'number,error\n400,\n401,exists\n402,exists\n403,exists\n404,\n', 'each row of a run is marked')

  const corrected = await write('corrected.csv', list.replaceAll(/,".*"/g, ',').replace('3O2', '302').replace(/301,\n$/, '303,\n'))
  t.match(await run(['import', corrected, ...DEFAULTS, '--yes'], environment), { status: 0, out: /3 numbers added/ })
  t.match(await run(['import', corrected, ...DEFAULTS, '--yes', '--result', corrected, '--class', 'x'], environment), { status: 2 })
})

t.test('a signal cancels the import', async t => {
  const database = await demo(t)
  const held = await holdLoads(t, database)
  const terminal = testTerminal({ isTTY: true })
  const file = await database.write('numbers.csv', '1\n3\n')
  const ended = runAt(terminal, ['import', file, ...DEFAULTS, '--yes'], database.environment)
  await held.isHeld()
  terminal.signals.emit('SIGINT')
  t.match(await ended, { status: 130, err: /interrupted: nothing was changed/ })
  await held.letGo()
})

t.test('imports samples of carriers and regulators, as the documentation says', async t => {
  const { environment, sql, write } = await demo(t)
  const samples: ReadonlyArray<readonly [name: string, content: string | Buffer, words: string[], expected: string[]]> = [
    ['arcep.csv', Buffer.from('EZABPQM;Tranche_Debut;Tranche_Fin;Mnémo;Territoire;Date_Attribution\r\n01000;0100000000;0100000009;ABCD;Métropole;01/02/2003\r\n', 'latin1'),
      ['--encoding', 'latin1', '--columns', 'start=Tranche_Debut,end=Tranche_Fin'], ['0100000000', '0100000009']],
    ['acma.csv', 'From,To,Quantity,Prefix,Number Length,Status\n0255500000,0255500099,100,025550,10,Allocated\n',
      ['--columns', 'start=From,end=To'], ['0255500000', '0255500099']],
    ['ofcom.csv', '\uFEFFNMS Number Block,Block Status,CP Name,Number Length\r\n1134 96 0,Allocated,Example Telecom,3+7\r\n1134 96 1,Free,,3+7\r\n',
      ['--columns', 'prefix=NMS Number Block,length=Number Length', '--where', 'CP Name=Example Telecom', '--prepend', '0'], ['01134960000', '01134960999']],
    ['nanpa.txt', 'NPA\tNXX\tX\n212\t555\t0\n212\t556\tA\n', ['--columns', 'prefix=NPA+NXX+X', '--length', '10'],
      ['2125550000', '2125550999', '2125560000', '2125569999']],
    ['kazoo.csv', 'e164,account_id\n+14155550100,x\n+14155550101,x\n', ['--columns', 'number=e164', '--plus='], ['14155550100', '14155550101']],
    ['german.csv', 'range\n030123450-9\n0301234510-99\n', [], ['030123450', '030123459', '0301234510', '0301234599']]
  ]
  for (const [name, content, words, expected] of samples) {
    const { status, err } = await run(['import', await write(name, content), ...DEFAULTS, '--yes', ...words], environment)
    t.equal(status, 0, `${name} ${err}`)
    const ranges = await sql<{ first: string, last: string }>(`select first, last from load_ranges where load = (select max(id) from loads)
      union all select start, "end" from loads where ranges = 1 and id = (select max(id) from loads) order by 1`)
    t.strictSame(ranges.flatMap(({ first, last }) => [first, last]), expected, name)
  }
})

t.test('the output of list --csv can be imported unchanged after a delete', async t => {
  const { environment, sql } = await demo(t)
  const alias = fc.option(fc.tuple(fc.constantFrom('', '+'), fc.integer({ min: 100, max: 99_999 })).map(([sign, digits]) => `${sign}${digits}`), { nil: null })
  const row = fc.record({
    number: fc.tuple(fc.constantFrom('', '0', '00'), fc.integer({ min: 1, max: 300 })).map(([zeros, digits]) => `${zeros}${digits}`),
    alias,
    class: fc.constantFrom(1, 2),
    ingroup: fc.constantFrom(1, 2),
    customer: fc.constantFrom(null, 2, 3),
    region: fc.constantFrom(null, 1),
    stype: fc.constantFrom('number', 'callerid')
  })
  const rows = fc.uniqueArray(row, { selector: ({ number }) => number, minLength: 1, maxLength: 40 })
    .filter(rows => new Set(rows.flatMap(({ alias }) => alias ?? [])).size === rows.filter(({ alias }) => alias !== null).length)
  const stored = 'select number, alias, class, ingroup, customer, region, stype from numbers order by number'
  await sql(`insert into loads (id, start, "end", count, class, ingroup, stype, charge_customer) overriding system value values (1000, '9999', '9999', 1, 1, 1, 'number', false)`)
  await fc.assert(fc.asyncProperty(rows, async rows => {
    await sql('delete from numbers')
    await sql(`insert into numbers select numbers.number, numbers.alias, numbers.class, numbers.ingroup, numbers.customer, numbers.region, numbers.stype, 1000
      from json_populate_recordset(null::numbers, $1) as numbers`, [JSON.stringify(rows)])
    const before = await sql(stored)
    const { out } = await run(['list', '--csv'], environment)
    await sql('delete from numbers')
    t.match(await run(['import', '-', '--yes'], environment, out), { status: 0 })
    t.strictSame(await sql(stored), before)
  }), { numRuns: 10 })
})
