import createError from '@fastify/error'
import { selectNumbers } from '../../listing/selection.js'
import { digitsAfter, MAX_RANGE, type NumberRange } from '../../numbers/number-range.js'
import type { NumberRecord } from '../../repository/list-numbers.js'
import { UsageError, type DatabaseCommand } from '../command.js'
import { parseFilter } from './list.js'

const NoneFreeError = createError<[string]>('TELCO_NUMBERS_NONE_FREE', 'no %s consecutive free numbers found')

export const free: DatabaseCommand = {
  synopsis: '--count <n> [--class <id>] [--ingroup <id>] [--prefix <digits>]',
  summary: 'Find the first consecutive numbers without a customer.',
  operands: [],
  options: {
    count: { type: 'string', help: 'How many numbers.', isRequired: true },
    class: { type: 'string', help: 'Only numbers of this class.' },
    ingroup: { type: 'string', help: 'Only numbers of this inbound group.' },
    prefix: { type: 'string', help: 'Only numbers that begin with these digits.' }
  },
  async run ({ service }, { options: { count, ...filter } }) {
    const wanted = Number(count)
    if (!/^[0-9]{1,7}$/.test(String(count)) || wanted < 1 || wanted > MAX_RANGE) {
      throw new UsageError(`--count must be a whole number from 1 to ${MAX_RANGE}`)
    }
    const range = await findRun(service.list(selectNumbers(parseFilter(filter, ['free'])).filter), wanted)
    if (range === undefined) throw new NoneFreeError(String(wanted))
    return { json: range, lines: [wanted === 1 ? range.first : `${range.first} to ${range.last} (${wanted})`] }
  }
}

/** Returns the first run of `count` consecutive numbers of one width; numbers of other widths may be in between. */
async function findRun (numbers: AsyncIterable<NumberRecord>, count: number): Promise<NumberRange | undefined> {
  const runs = new Map<number, { first: string, last: string, count: number }>()
  for await (const { number } of numbers) {
    let run = runs.get(number.length)
    if (run !== undefined && digitsAfter(run.last, 1) === number) {
      run.last = number
      run.count++
    } else {
      run = { first: number, last: number, count: 1 }
      runs.set(number.length, run)
    }
    if (run.count === count) return run
  }
  return undefined
}
