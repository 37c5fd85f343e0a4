import { isDeepStrictEqual } from 'node:util'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import t from 'tap'
import { FileTooLargeError } from '../../lib/errors.js'
import { annotate } from '../../lib/import/annotate.js'
import { readFile } from '../../lib/import/read-file.js'
import { ImportRequest } from '../../lib/parameters/import.js'
import { anyText } from '../support/arbitraries.js'

const LIMITS = { maxRange: 1_000, maxIssues: 20 }

const HEADERS = [
  '', 'number\n', 'number,alias\n', 'start,end,class\n', 'range;error\n', 'prefix,length\n', '"number",number\n', 'class\n', 'count,number\n'
]

/** Pieces of files, and text that breaks readers of files. */
const PIECE = fc.oneof(
  fc.constantFrom(...HEADERS, '301', '302', '0301', '301-309', '30X', '+301', '2.5E+09', '"', '""', '"3', '3"0', ',', ';', '\t', '\n', '\r\n',
    '\r', '\x1A', '\uFEFF', '\u00A0', '\u202E301', '=1', '\'=1', '-', '\0', '9'.repeat(33), 'number', 'é', '😀', ' '),
  anyText({ maxLength: 5 })
)

const REQUEST = fc.record({
  encoding: fc.constantFrom('utf-8', 'latin1'),
  delimiter: fc.constantFrom('', ',', ';', 'tab'),
  columns: fc.constantFrom('', 'number=Number', 'start=number,end=alias', 'number=start+end', 'x=y', '"'),
  where: fc.constantFrom('', 'class=1', 'Number', '='),
  punctuation: fc.constantFrom('refuse', 'strip'),
  mixed_lengths: fc.constantFrom('allow', 'refuse')
}, { requiredKeys: [] }).map(given => Value.Parse(ImportRequest, { class: 1, ingroup: 1, ...given }))

const BYTES = fc.oneof(
  fc.array(PIECE, { maxLength: 40 }).map(pieces => Buffer.from(pieces.join(''))),
  fc.array(PIECE, { maxLength: 40 }).map(pieces => Buffer.from(pieces.join(''), 'latin1')),
  fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes))
)

t.test('reads any file: into ranges within the limit, or into issues that name lines of the file', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(BYTES, REQUEST, async (bytes, request) => {
    const { ranges, count, issues } = await readFile(bytes, request, LIMITS)
    const listed = issues.list()
    const lines = bytes.toString('latin1').split('\n').length
    const counted = ranges.reduce((sum, { numbers }) => sum + numbers.count, 0)
    return listed.length <= LIMITS.maxIssues + 1 && issues.isEmpty === (listed.length === 0) && counted <= LIMITS.maxRange &&
      (issues.isEmpty ? count === counted && count > 0 : true) &&
      listed.every(({ line = 1, lastLine = line, message }) => line >= 1 && line <= lastLine && lastLine <= lines && message !== '')
  }), { numRuns: 1_000 }))
})

t.test('reads the same in one piece and in any pieces', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(BYTES, REQUEST, fc.integer({ min: 1, max: 20 }), async (bytes, request, size) => {
    const inPieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
    }
    const [whole, pieces] = [await readFile(bytes, request, LIMITS), await readFile(inPieces(), request, LIMITS)]
    const issues = [whole, pieces].map(file => file.issues.list())
    // The first finding ends the reading.
    if (issues.flat().some(({ message }) => message.includes('UTF-8'))) return true
    return isDeepStrictEqual(issues[0], issues[1]) && isDeepStrictEqual(whole.ranges, pieces.ranges)
  }), { numRuns: 200 }))
})

t.test('writes a question mark for a character that the encoding of the file lacks', async t => {
  const issues = [{ key: 'csv', message: 'existing: 1 (Łódź)', line: 1 }]
  const request = Value.Parse(ImportRequest, { class: 1, ingroup: 1, encoding: 'latin1' })
  t.equal((await annotate(Buffer.from('301'), request, issues))?.toString('latin1'), 'range,error\n301,existing: 1 (?ód?)\n')
})

t.test('writes no file back that is too large to be read', async t => {
  await t.rejects(annotate(Buffer.alloc(33_554_433, `1,${'x'.repeat(50_000)}\n`), Value.Parse(ImportRequest, { class: 1, ingroup: 1 }), []), FileTooLargeError)
})

t.test('writes any refused file back with the messages of its rows', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(BYTES, REQUEST, async (bytes, request) => {
    const issues = (await readFile(bytes, request, LIMITS)).issues.list()
    if (issues.some(({ message }) => /UTF-8|was not read/.test(message))) return true
    const file = await annotate(bytes, request, issues)
    if (file === undefined) return request.encoding === 'utf-8'
    // For Node.js 20; see lib/import/encode.ts.
    const text = new TextDecoder(request.encoding).decode(file, { stream: true })
    return issues.every(({ line, message }) => line === undefined || text.includes(message.replaceAll('"', '""')))
  }), { numRuns: 200 }))
})
