import { intersectionOf, rangeBetween, type NumberRange } from '../number-range.js'
import { refusalOf, type EndpointModel } from '../outcome.js'
import { ALIAS, STYPE, type Parameters } from '../parameters.js'
import { rowsOf, type Row } from '../rows.js'
import type { ModelState, Run } from '../state.js'

const DIGITS = { pattern: /^[0-9]{1,32}$/ }
const LOAD = { pattern: /^[0-9]{1,19}$/ }

export const list: EndpointModel = {
  names: [
    'assigned', 'class', 'directory', 'ingroup', 'search', 'count', 'limit', 'offset', 'pages', 'alias', 'customer', 'region', 'load', 'stype',
    'free', 'prefix', 'start', 'end', 'after'
  ],
  predict (parameters, state) {
    const integers = Object.fromEntries(['class', 'ingroup', 'customer', 'region', 'limit', 'offset'].map(name => (
      [name, parameters.integer(name) ?? 0])))
    const flags = Object.fromEntries(['assigned', 'directory', 'count', 'pages', 'free'].map(name => [name, parameters.flag(name)]))
    const [search, prefix, after] = ['search', 'prefix', 'after'].map(name => parameters.text(name, DIGITS) ?? '')
    const alias = parameters.text('alias', ALIAS) ?? ''
    const load = parameters.text('load', LOAD) ?? ''
    const stype = parameters.text('stype', STYPE) ?? ''
    const range = readRange(parameters)
    const { customer = 0, limit = 0, offset = 0 } = integers
    if (flags.directory === true) parameters.addIssue('directory')
    if (flags.free === true && (flags.assigned === true || customer > 0)) parameters.addIssue('free')
    if (after !== '' && offset > 0) parameters.addIssue('after')
    const refusal = refusalOf(parameters)
    if (refusal !== undefined) return refusal

    const filters: ReadonlyArray<(run: Run) => boolean> = [
      run => flags.assigned !== true || run.customer !== null,
      run => flags.free !== true || run.customer === null,
      run => (['class', 'ingroup', 'customer', 'region'] as const).every(name => integers[name] === 0 || integers[name] === run[name]),
      run => stype === '' || run.stype === stype,
      run => Number(load) === 0 || state.ids[run.load] === String(BigInt(load)),
      run => range === undefined || intersectionOf(run.numbers, range) !== undefined
    ]
    const first = range === undefined ? '' : textOf(range, range.first)
    const last = range === undefined ? '' : textOf(range, range.last)
    const rows = membersOf(state, run => filters.every(filter => filter(run))).filter(({ number, alias: given }) => (
      (range === undefined || (number.length === range.width && number >= first && number <= last)) &&
      (alias === '' || given === alias) && number.includes(search ?? '') && number.startsWith(prefix ?? '') && (after === '' || number > (after ?? ''))))
    if (flags.count === true) return { code: '200', data: { count: rows.length } }
    const page = rows.slice(offset, limit === 0 ? undefined : offset + limit)
    return { code: '200', data: flags.pages === true ? page.map(({ number }) => ({ number })) : page }
  }
}

function readRange (parameters: Parameters): NumberRange | undefined {
  const start = parameters.text('start', DIGITS)
  const end = parameters.text('end', DIGITS)
  if (start === null && end != null) parameters.addIssue('end')
  if (start == null || end === undefined) return undefined
  const range = rangeBetween(start, end ?? '')
  if (range === undefined) parameters.addIssue('end')
  return range
}

function textOf ({ width }: NumberRange, digits: bigint): string {
  return digits.toString().padStart(width, '0')
}

function membersOf ({ runs, ids }: ModelState, isWanted: (run: Run) => boolean): Row[] {
  return runs.filter(isWanted).flatMap(run => rowsOf(run, ids)).sort((one, other) => one.number < other.number ? -1 : 1)
}
