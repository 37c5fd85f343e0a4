import type { ListRecordsOptions } from '../../records/list.js'
import type { NumbersRecord } from '../../repository/records.js'
import { UsageError, type Arguments, type DatabaseCommand, type Report } from '../command.js'
import { describeChange, describeLoad } from '../describe.js'

const DEFAULT_LIMIT = 20

const MAX_LIMIT = 1_000_000

export const loads = commandFor('loads', 'List the recent loads, the latest first.', async ({ service }, options) => (
  [await service.listLoads(options), describeLoad]))

export const changes = commandFor('changes', 'List the recent updates and deletes of numbers, the latest first.', async ({ service }, options) => (
  [await service.listChanges(options), describeChange]))

type List<Listed> = (
  context: Parameters<DatabaseCommand['run']>[0], options: ListRecordsOptions
) => Promise<readonly [Listed[], (record: Listed) => string]>

function commandFor<Listed extends NumbersRecord> (name: 'loads' | 'changes', summary: string, list: List<Listed>): DatabaseCommand {
  return {
    synopsis: '[--person <name>] [--customer <id>] [--number <digits>] [--day <date>] [--limit <n>] [--before <id>]',
    summary,
    operands: [],
    options: {
      person: { type: 'string', help: 'Only those of this person.' },
      customer: { type: 'string', help: 'Only those with numbers of this customer.' },
      number: { type: 'string', help: 'Only those with this number.' },
      day: { type: 'string', help: 'Only those of this day of UTC: 2026-11-29.' },
      limit: { type: 'string', help: `Number of ${name} to list, ${DEFAULT_LIMIT} by default.` },
      before: { type: 'string', help: 'List only those before this load or change.' }
    },
    async run (context, { options }): Promise<Report> {
      const limit = Number(wholeNumber('limit', options) ?? DEFAULT_LIMIT)
      if (limit < 1 || limit > MAX_LIMIT) throw new UsageError(`--limit must be a whole number from 1 to ${MAX_LIMIT}`)
      const [found, describe] = await list(context, { ...filterOf(options), limit: limit + 1 })
      const listed = found.slice(0, limit)
      const more = found.length > limit ? [`There are more ${name}: add --before ${listed.at(-1)?.id}`] : []
      return { json: listed, lines: listed.length === 0 ? [`There are no ${name}.`] : [...listed.map(describe), ...more] }
    }
  }
}

function filterOf (options: Arguments['options']): ListRecordsOptions {
  const [before, customer] = [wholeNumber('before', options), wholeNumber('customer', options)]
  const { person, number, day } = options
  return {
    ...before !== undefined && { before },
    ...customer !== undefined && { customer: Number(customer) },
    ...typeof person === 'string' && { person },
    ...typeof number === 'string' && { number },
    ...typeof day === 'string' && { day }
  }
}

function wholeNumber (option: string, options: Arguments['options']): string | undefined {
  const text = options[option]
  if (typeof text !== 'string') return undefined
  if (!/^[0-9]{1,19}$/.test(text)) throw new UsageError(`--${option} must be a whole number`)
  return text
}
