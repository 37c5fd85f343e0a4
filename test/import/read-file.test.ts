import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import t from 'tap'
import { FileTooLargeError } from '../../lib/errors.js'
import { fromCell, toCell } from '../../lib/import/csv-cell.js'
import { lineAt } from '../../lib/import/ranges.js'
import { readFile, type ImportSource } from '../../lib/import/read-file.js'
import { ImportRequest, type ImportInput } from '../../lib/parameters/import.js'

const DEFAULTS = Value.Parse(ImportRequest, { class: 1, ingroup: 2 })

async function read (source: ImportSource, parameters: ImportInput = {}, maxRange = 1_000_000) {
  const file = await readFile(source, { ...DEFAULTS, ...parameters }, { maxRange, maxIssues: 100 })
  return {
    ...file,
    numbers: file.ranges.map(({ numbers: { first, last } }) => first === last ? first : `${first}-${last}`),
    messages: file.issues.list().map(({ key, message }) => key === 'csv' ? message : `${key}: ${message}`)
  }
}

async function* inPieces (whole: string | Uint8Array, size: number): AsyncGenerator<string | Uint8Array> {
  for (let start = 0; start < whole.length; start += size) yield whole.slice(start, start + size)
}

t.test('reads a list, with any ends of lines, a byte order mark and empty lines', async t => {
  const lists = ['301\n302\n305\n', '301\r\n302\r\n305', '\uFEFF301\n\n302\n , \n305\n\x1A', '301\r\n\r\n302\n305\n\n\n', '301,\n302,302\n305,305,']
  for (const list of lists) {
    const { numbers, messages } = await read(list)
    t.strictSame([numbers, messages], [['301-302', '305'], []], JSON.stringify(list))
  }
  t.match(await read('301-309\n3100\t3199'), { numbers: ['301-309', '3100-3199'] })
  t.match(await read('301-309;305'), { messages: ['line 1, column 1: "301-309" must be one number: a hyphen separates the ends of a range, and belongs to a number only with punctuation=strip'] })
})

t.test('reads the same from text, bytes and pieces of any size', async t => {
  const csv = '\uFEFFnumber;alias;Ort\r\n301;+5;"Köln; ""Mitte""\r\nOst"\r\n302;+6;Zürich\r\n305;;\r\n'
  const expected = { numbers: ['301-302', '305'], messages: [], ranges: [{ runs: [{ line: 2 }, { line: 4 }] }, { line: 5 }] }
  t.match(await read(csv), expected)
  t.match(await read(Buffer.from(csv)), expected)
  for (const size of [1, 2, 3, 7, 50]) {
    t.match(await read(inPieces(Buffer.from(csv), size)), expected)
    t.match(await read(inPieces(csv, size)), expected)
  }
})

t.test('joins rows whose attributes differ in spaces only, however many attributes the file has', async t => {
  t.match(await read('number,class\n301,1\n302, 1\n303,1 \n304,2\n'), { numbers: ['301-303', '304'], messages: [] })
  const rows = Array.from({ length: 2_400 }, (_, index) => `${3000 + index},${index % 1_200 + 1}\n`)
  const { ranges } = await read(`number,class\n${rows.join('')}`)
  t.strictSame(ranges.map(({ attributes }) => attributes.class), rows.map((_, index) => index % 1_200 + 1))
})

t.test('recognizes the delimiter by the first line that has one', async t => {
  for (const [first, delimiter] of [['a', ';'], ['a', ','], ['a', '\t'], ['"a;b;c"', ','], ['x, y', ';']] as const) {
    const csv = `\nnumber${delimiter}${first === 'x, y' ? '' : 'alias'}${delimiter}${first}\n301${delimiter}${delimiter}\n`
    t.match(await read(csv), { numbers: ['301'], messages: [] }, JSON.stringify(csv))
  }
  const open = '\x07"range;error\n"number",number\n'
  t.strictSame((await read(inPieces(open, 1))).messages, (await read(open)).messages, 'a quote that is open when a piece ends')
  t.match(await read('number|alias\n301|5', { delimiter: '|' }), { numbers: ['301'], ranges: [{ aliases: { first: '5' } }] })
  t.match(await read('number\talias\n301\t5', { delimiter: 'tab' }), { numbers: ['301'] })
  t.match(await read(`number\n${'301\n'.repeat(30_000)}`, {}, 2), { messages: ['line 4: the file has more than 2 numbers: divide it'] })
})

t.test('reads columns by their names, in any order', async t => {
  const file = await read('stype,region,END,customer, Start ,ingroup,class,alias,load,error,Note\ncallerid,1,309,3,300,1,2,+50,7,,x\n,,,,310,,,,,,\n')
  t.match(file, {
    messages: [],
    ranges: [
      { numbers: { first: '300', last: '309', count: 10 }, aliases: { first: '+50', last: '+59' }, attributes: { class: 2, ingroup: 1, customer: 3, region: 1, stype: 'callerid' } },
      { numbers: { first: '310', last: '310', count: 1 }, attributes: { class: 1, ingroup: 2, customer: 0, region: 0, stype: 'number' } }
    ]
  })
  t.match(await read('number,alias,class\n301\n302,5\n', { class: 2 }), {
    messages: [],
    ranges: [{ aliases: undefined, attributes: { class: 2 } }, { aliases: { first: '5' }, attributes: { class: 2 } }]
  }, 'rows that end before the last column')
})

t.test('refuses a first row that does not define the numbers, or defines them twice', async t => {
  for (const [csv, message] of [
    ['From,To\n1,2', /^the first row must be a number or range, or a header .* its columns are "From", "To"/],
    ['nubmer\n1', 'the column "nubmer" is unknown: call it number, or name the columns to read with the parameter columns'],
    ['number,Number\n1,2', 'the first row has two columns number: remove one, or name the columns to read with the parameter columns'],
    ['number,range\n1,2', /^the first row must be/],
    ['end\n1', /^the first row must be/],
    [`${Array.from({ length: 30 }, (_, index) => `c${index}x`).join()}\n`, /"c19x", and more\./],
    ['', 'the file has no numbers'],
    ['number\n', 'the file has no numbers'],
    [',,\n', 'the file has no numbers']
  ] as const) t.match((await read(csv)).messages, [message], csv)
})

t.test('reads columns by roles', async t => {
  const csv = 'Tranche_Debut;Tranche_Fin;Prefix;Quantity\n0100000000;0100000009;x;10\n0200000000;0200000000;x;1\n'
  t.match(await read(csv, { columns: 'start=Tranche_Debut, END = tranche_fin' }), { numbers: ['0100000000-0100000009', '0200000000'], messages: [] })
  t.match(await read('A+B;A;B\n1;2;3\n', { columns: 'number=A+B' }), { numbers: ['1'] })
  t.match(await read('A;B\n2;3\n', { columns: 'number=A+B' }), { numbers: ['23'] })
  t.match(await read('"Number, full"\n1\n', { columns: '"number=Number, full"' }), { numbers: ['1'] })
  t.match(await read('A;B\n2;3\n', { columns: 'number=A+C' }), { messages: ['columns: the file has no column "C"; its columns are "A", "B"'] })
  t.match(await read('A;A\n2;3\n', { columns: 'number=A' }), { messages: ['columns: the file has two columns "A": rename one'] })
  for (const columns of ['nummer=A', 'number', 'number=A,number=A']) {
    t.match(await read('A\n1', { columns }), { messages: [/^columns: columns must be pairs of a role and a header/] }, columns)
  }
})

t.test('reads only the rows of a condition', async t => {
  const csv = 'number,CP Name,Status\n1,Example Telecom,Allocated\n2,Other,Allocated\nbad,Other,\n3,Example Telecom,Free\n'
  t.match(await read(csv, { where: 'CP Name=Example Telecom' }), { numbers: ['1', '3'], messages: [] })
  t.match(await read(csv, { where: 'CP name=Example Telecom,Status=Free' }), { numbers: ['3'] })
  t.match(await read(csv, { where: 'Name=x' }), { messages: [/^where: the file has no column "Name"/] })
  t.match(await read(csv, { where: 'Status' }), { messages: [/^where: where must be pairs of a header and the text/] })
})

t.test('limits the headers of columns and where, each of which is read in each row', async t => {
  const csv = 'a,b\n1,2\n'
  t.match(await read(csv, { columns: `number=a${'+b'.repeat(15)}` }), { numbers: [`1${'2'.repeat(15)}`] })
  t.match(await read(csv, { columns: 'number=a', where: 'b=2,'.repeat(99) + 'b=2' }), { numbers: ['1'] })
  t.match(await read(csv, { columns: `number=a${'+b'.repeat(100)}` }), { messages: ['columns: columns must join at most 100 columns for number'] })
  t.match(await read(csv, { columns: 'number=a', where: 'b=2,'.repeat(100) + 'b=2' }), { messages: ['where: where must have at most 100 pairs'] })
})

t.test('finds the line of a number without looking at all rows of its range', async t => {
  const csv = Array.from({ length: 2_000 }, (_, index) => `${10_000 + index * 3}\n${10_001 + index * 3}-${10_002 + index * 3}\n`).join('')
  const { ranges: [range] } = await read(csv)
  let looks = 0
  const runs = new Proxy(range?.runs ?? [], {
    get: (target, property) => {
      looks++
      return Reflect.get(target, property) as unknown
    }
  })
  t.ok(range && lineAt({ ...range, runs }, 5_999) === 4_000)
  t.ok(looks < 100, `${looks} looks`)
})

t.test('searches the outer spaces of a cell only at its ends', async t => {
  const cell = `1${' '.repeat(65_000)}2`
  t.match(await read(`number,class\n${`${cell},1\n`.repeat(40)}`), { messages: { length: 39 } }, 'the same number on all lines')
  t.match(await read(`${cell}\n \t3 \t`, { delimiter: ',' }), { numbers: ['12', '3'], messages: [] })
})

t.test('reads prefixes with lengths', async t => {
  t.match(await read('prefix,length\n1134 96 0,3+7\n', { prepend: '0' }), { numbers: ['01134960000-01134960999'] })
  t.match(await read('NPA\tNXX\tX\n212\t555\t0\n212\t556\tA\n', { columns: 'prefix=NPA+NXX+X', length: '10' }), {
    numbers: ['2125550000-2125550999', '2125560000-2125569999']
  })
  t.match(await read('prefix\n212555'), { messages: ['line 2, column prefix: the length "" must be a count of digits, or a sum of counts: 10, or 3+7'] })
})

t.test('checks a column that counts the numbers of a row', async t => {
  const csv = 'start,end,Quantity\n10,19,10\n20,29,9\n30,39,ten\n40,49,\n'
  t.match(await read(csv), {
    numbers: ['10-19', '40-49'],
    messages: [
      'line 3, column quantity: "9" must be 10, the count of numbers from 20 to 29',
      'line 4, column quantity: "ten" must be 10, the count of numbers from 30 to 39'
    ]
  })
})

t.test('refuses cells with their line and column', async t => {
  const csv = 'number,alias,class,stype\n,,,\n,5,,\n1,x,,\n2,99,nine,\n3,,2147483648,numbr\n4,,,,5\n5,,\u00a01,\n'
  t.strictSame((await read(csv)).messages, [
    'line 3, column number: the number is missing',
    'line 4, column alias: "x" must be an optional + and 1 to 32 digits, digits only',
    'line 5, column class: "nine" must be a whole number from 0 to 2147483647, digits only',
    'line 6, column class: "2147483648" must be a whole number from 0 to 2147483647, digits only',
    'line 6, column stype: "numbr" must be number or callerid',
    'line 7: the row has 5 cells, the first row 4: quote a cell that has a delimiter',
    'line 8, column class: "\u00a01" must be a whole number from 0 to 2147483647, digits only; invisible characters in it: U+00A0'
  ])
  t.match(await read('start,end,alias\n100,199,950\n200,299,+9'), {
    messages: [
      'line 2, column alias: "950" must leave room to count up 100 aliases of the same width: give 0950',
      'line 3, column alias: "+9" must leave room to count up 100 aliases of the same width: give +009'
    ]
  })
  t.match(await read(`number,alias\n1,${'9'.repeat(32)}\n`), { messages: [] })
  t.match(await read(`start,end,alias\n1,2,${'9'.repeat(32)}\n`), { messages: [/of the same width$/] })
  t.match(await read('start,end\n20,1x\n21,20'), { messages: [/^line 2, column start: "1x" must be/, 'line 3, column start: end must not be below start'] })
  t.match(await read('number,class\n1,\n2,7', { class: 0 }), { messages: ['line 2, column class: the class is missing, here and as a parameter'] })
  t.match(await read('number,customer\n1,\n2,7', { charge_customer: true }), { messages: ['line 2, column customer: charge_customer=1 needs a customer to charge: give customer, or charge_customer=0'] })
})

t.test('refuses duplicates within the file, with both lines', async t => {
  t.match(await read('5\n7\n7\n5-9\n12\n10-14\n11-13\n'), {
    messages: [
      'line 4, column 1: number 5 is on line 1 already',
      'line 4, column 1: number 7 is on line 2 already',
      'line 4, column 1: number 7 is on line 3 already',
      'line 6, column 1: number 12 is on line 5 already',
      'line 7, column 1: 11 to 13 are on line 6 already'
    ]
  })
  t.match(await read('number,alias\n1,+5\n3,5\n5,+5\n'), { messages: ['line 4, column alias: alias +5 is on line 2 already'] })
  t.match(await read('1\n2\n3\n9\n2\n3\n'), { messages: ['lines 5 to 6, column 1: 2 to 3 are on lines 2 to 3 already'] })
})

t.test('refuses bytes that are not UTF-8, with their line', async t => {
  const bytes = Buffer.from('number,Mn\u00e9mo\n1,x\n', 'latin1')
  t.match(await read(bytes), { messages: ['line 1: the file must be UTF-8: save it as UTF-8, or give encoding=latin1 for ISO-8859-1 and Windows-1252'] })
  t.match(await read(bytes, { encoding: 'latin1' }), { numbers: ['1'], messages: [] })
  const late = Buffer.concat([Buffer.from('number,n\n1,\u00e9\n2,x\n'), Buffer.of(0x33, 0x2C, 0xE9, 0x0A)])
  for (const size of [1, 5, 100]) t.match((await read(inPieces(late, size))).messages, [/^line 4: the file must be UTF-8/], `${size}`)
  t.match(await read(Buffer.of(0x31, 0x0A, 0x32, 0xC3)), { messages: [/^line 2: the file must be UTF-8/] })
})

t.test('refuses quotes that are not closed, and reads no further', async t => {
  t.match(await read('number\n1\n"2\n3\n'), { messages: [/^line 3: a quoted cell must end .*; the rest of the file was not read$/] })
  t.match(await read('number\n1\n"2"x\n3\n'), { messages: [/^line 3: a quoted cell must end/] })
  t.match(await read(`number\n1\n"${'2\n'.repeat(100_000)}`), { messages: ['line 3: a row must have at most 65536 characters: check for a quote that is not closed; the rest of the file was not read'] })
})

t.test('throws for a file that is too large, and throws the error of its stream', async t => {
  await t.rejects(read(inPieces(Buffer.alloc(33_554_433, `1,${'x'.repeat(50_000)}\n`), 1_000_000)), new FileTooLargeError(32))
  async function* broken (): AsyncGenerator<string> {
    yield '1\n'
    throw new Error('disk error')
  }
  await t.rejects(read(broken()), { message: 'disk error' })
})

t.test('counts the numbers of a file', async t => {
  t.match(await read('1-5\n7\n', {}, 6), { count: 6, messages: [] })
  t.match(await read('1-5\n7\n8\n9\n', {}, 6), { messages: ['line 3: the file has more than 6 numbers: divide it'] })
  t.match(await read('1-7\n', {}, 6), { messages: [/^line 1, column 1: the range has 7 numbers/] })
})

t.test('joins consecutive rows, and knows the line of each number', async t => {
  const row = fc.record({
    gap: fc.constantFrom(0, 0, 0, 5),
    size: fc.constantFrom(1, 1, 1, 4),
    class: fc.constantFrom(1, 1, 1, 2),
    blanks: fc.constantFrom(0, 0, 1)
  })
  await fc.assert(fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async rows => {
    const lines = ['range,class']
    const lineOf = new Map<number, number>()
    let next = 1000
    for (const { gap, size, class: numberClass, blanks } of rows) {
      lines.push(...Array.from({ length: blanks }, () => ''))
      next += gap
      lines.push(`${size === 1 ? next : `${next}-${next + size - 1}`},${numberClass}`)
      for (let count = 0; count < size; count++) lineOf.set(next++, lines.length)
    }
    const { ranges, messages } = await read(lines.join('\n'))
    t.strictSame(messages, [])
    const found = ranges.flatMap(range => (
      Array.from({ length: range.numbers.count }, (_, place) => [Number(range.numbers.first) + place, lineAt(range, place)])))
    t.strictSame(found, [...lineOf])
    for (const [index, range] of ranges.entries()) {
      const previous = ranges[index - 1]
      const follows = previous !== undefined && Number(previous.numbers.last) + 1 === Number(range.numbers.first)
      t.not(follows && previous.attributes === range.attributes, true, 'not joined')
    }
  }), { numRuns: 50 })
})

t.test('finds the same overlaps as a comparison of all pairs', async t => {
  const range = fc.tuple(fc.integer({ min: 10, max: 60 }), fc.nat({ max: 4 }))
    .map(([first, size]) => [first, first + size] as const)
  await fc.assert(fc.asyncProperty(fc.array(range, { maxLength: 12 }), async ranges => {
    const isRepeated = ranges.some(([first, last], index) => (
      ranges.slice(0, index).some(other => other[0] <= last && first <= other[1])))
    const { messages } = await read(ranges.map(ends => ends.join('-')).join('\n') + '\n99')
    t.equal(messages.length > 0, isRepeated)
  }), { numRuns: 100 })
})

t.test('joins aliases that count up', async t => {
  t.match(await read('number,alias\n1,+8\n2,+9\n3,+10\n4,\n5,x\n'.replace('x', '5')), { numbers: ['1-2', '3', '4', '5'] })
  t.match(await read('number,alias\n18,008\n19,009\n20,010\n21,+011\n'), { numbers: ['18-20', '21'], ranges: [{ aliases: { first: '008', last: '010', count: 3 } }] })
  t.match(await read('number\n098\n099\n100\n'), { numbers: ['098-100'] })
})

t.test('treats the missing cells of a row as empty', async t => {
  t.match(await read('number,alias,Status\n1,,x\n2\n', { where: 'Status=x' }), { numbers: ['1'], messages: [] })
  t.match(await read('number,alias\n1,+5\n3\n'), { numbers: ['1', '3'], messages: [] })
})

t.test('reads rows that are objects, up to what ends a file', async t => {
  t.match(await read([{ number: '301' }, { number: '302' }]), { numbers: ['301-302'], messages: [] })
  t.match(await read([{ end: '301' }]), { messages: [/^the first row must be a number or range, or a header/] })
})

t.test('reads a cell as it was written for spreadsheets', async t => {
  t.match(await read(`number,alias,Note\n1,+5,'=x\n`, { where: 'Note=\'=x' }), { numbers: ['1'] })
  t.equal(toCell('=1+1'), `'=1+1`)
  t.equal(toCell('+4930'), '+4930')
  for (const text of ['=1+1', '+4930', '\'=x', '\'s', '-5']) t.equal(fromCell(toCell(text)), text)
})
