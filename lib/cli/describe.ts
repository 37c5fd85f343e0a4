import type { NumberRange } from '../numbers/number-range.js'
import type { ChangeDetails, LoadDetails } from '../records/details.js'
import type { ChangeRecord } from '../repository/changes.js'
import { ATTRIBUTE_NAMES } from '../repository/columns.js'
import type { Charge } from '../repository/charges.js'
import type { LoadRange, LoadRecord, TransactionRecord } from '../repository/loads.js'
import type { PersonRecord } from '../repository/people-administration.js'
import type { NumbersRecord } from '../repository/records.js'
import type { Reversal } from '../repository/reversals.js'

const MAX_LISTED_RANGES = 20

/** Returns a line that describes a load. */
export function describeLoad (load: LoadRecord): string {
  return [
    `load ${load.id}`,
    load.createdAt.toISOString(),
    describeNumbers(load),
    ...load.alias === null ? [] : [`aliases from ${load.alias}`],
    ...load.class === null ? [] : [`class ${load.class}`],
    ...load.ingroup === null ? [] : [`ingroup ${load.ingroup}`],
    ...load.customer === null ? [] : [`customer ${load.customer}`],
    ...load.region === null ? [] : [`region ${load.region}`],
    ...load.stype === null ? [] : [load.stype],
    ...load.chargeCustomer ? [`charged ${load.charged}`] : [],
    ...describeRecorded(load)
  ].join(', ')
}

/** Returns a line that describes an update or delete. */
export function describeChange (change: ChangeRecord): string {
  const values = (['alias', ...ATTRIBUTE_NAMES] as const).flatMap(name => {
    const value = change.newValues[name]
    return value === undefined ? [] : [`${name === 'alias' && value !== null ? 'aliases from' : name} ${value ?? 'none'}`]
  })
  return [
    `${change.kind} ${change.id}`,
    change.createdAt.toISOString(),
    describeRange({ first: change.start, last: change.end, count: change.count }),
    ...values,
    ...describeRecorded(change)
  ].join(', ')
}

function describeRecorded ({ undoneAt, undoneBy, ...actor }: NumbersRecord): string[] {
  const undone = undoneAt === null ? [] : [`undone ${undoneAt.toISOString()}${undoneBy === null ? '' : ` by ${undoneBy}`}`]
  return [...describeActor(actor), ...undone]
}

/** Describes the person and the source of a record, if they are known, because host code need not give them. */
export function describeActor ({ person, source }: Pick<NumbersRecord, 'person' | 'source'>): string[] {
  return [...person === null ? [] : [`by ${person}`], ...source === null ? [] : [`from ${source}`]]
}

function describeNumbers ({ start, end, count, rangeCount }: LoadRecord): string {
  if (rangeCount > 1) return `${count} numbers in ${describeBounds(rangeCount, start, end)}`
  return describeRange({ first: start, last: end, count })
}

/** Describes several ranges, which are in the order of a file, so its first and last numbers are not the bounds of the others. */
export function describeBounds (ranges: number, first: string | undefined, last: string | undefined): string {
  return `${ranges} ranges, first listed ${first}, last listed ${last}`
}

function describeRange ({ first, last, count }: NumberRange): string {
  return count === 1 ? first : `${first} to ${last} (${count})`
}

/** Returns lines that describe the ranges of a load that has several. */
export function describeLoadRanges ({ rangeCount, ranges }: LoadDetails): string[] {
  return rangeCount === 1 ? [] : describeRanges(ranges)
}

/** Returns lines that describe the former state of the numbers of a change. */
export function describeRuns ({ runs }: ChangeDetails): string[] {
  return ['  the numbers were:', ...describeRanges(runs)]
}

function describeRanges (ranges: readonly LoadRange[]): string[] {
  const listed = ranges.slice(0, MAX_LISTED_RANGES).map(range => [
    `  ${describeRange(range)}`,
    ...range.alias === null ? [] : [`aliases from ${range.alias}`],
    `class ${range.class}`,
    `ingroup ${range.ingroup}`,
    ...range.customer === null ? [] : [`customer ${range.customer}`],
    ...range.region === null ? [] : [`region ${range.region}`],
    range.stype
  ].join(', '))
  const more = ranges.length - listed.length
  return more === 0 ? listed : [...listed, `  and ${more} more ranges; --json prints them`]
}

/** Returns a line that describes a transaction. */
export function describeTransaction ({
  customer, customerName, quantity, unitPrice, amount, balanceAfter, text
}: TransactionRecord): string {
  return `  customer ${customer} (${customerName}): ${quantity} x ${unitPrice} = ${amount}, balance after ${balanceAfter}, ${text}`
}

/** Returns a line that describes the charge of one payer; `pays` is the verb. */
export function describeCharge ({ customer, customerName, quantity, unitPrice, amount }: Charge, pays: string): string {
  return `customer ${customer} (${customerName}) ${pays} ${quantity} x ${unitPrice} = ${amount}`
}

/** Returns a line that describes the refund of one payer, real or quoted. */
export function describeReversal ({ customer, customerName, amount }: Reversal, isDryRun: boolean): string {
  const [given, sum] = amount.startsWith('-') ? ['pays', amount.slice(1)] : ['gets back', amount]
  const wouldBe = given === 'pays' ? 'would pay' : 'would get back'
  return `customer ${customer} (${customerName}) ${isDryRun ? wouldBe : given} ${sum}`
}

/** Returns a line that describes a person. */
export function describePerson ({ username, enabled, role }: PersonRecord): string {
  return `${username}, role ${role.id} "${role.name}" (${role.privileges.join(', ') || 'no privilege'}), ${enabled ? 'enabled' : 'disabled'}`
}
