import { Value } from '@sinclair/typebox/value'
import { lastAlias, parseAlias, rangeBetween, type Range } from '../numbers/number-range.js'
import { sequenceFrom, type Sequence } from '../numbers/sequence.js'
import { CreateRequest } from '../parameters/create.js'
import type { ParsedParameters } from '../parameters/parse.js'

/** Consecutive numbers or aliases, from `first` to `last`. */
export interface Series {
  readonly first: string
  readonly last: string
  readonly count: number
  readonly sequence: Sequence
}

/** What a draft comes to: the series that it names, as far as they can be known. */
export interface Plan extends ParsedParameters {
  readonly numbers: Series | undefined
  readonly aliases: Series | undefined
}

/** A load of which nothing but the database's opinion is unknown. */
export interface Load {
  readonly request: CreateRequest
  readonly numbers: Series
  readonly aliases: Series | undefined
}

/** Works out the range and its aliases; what is wrong with them goes to the issues. */
export function planLoad (draft: ParsedParameters, maxRange: number): Plan {
  const { parameters, issues } = draft
  if (parameters.charge_customer === true && parameters.customer === 0) {
    issues.add('charge_customer', 'charge_customer=1 needs a customer to charge: give customer, or charge_customer=0')
  }
  const numbers = planNumbers(draft, maxRange)
  return { parameters, issues, numbers, aliases: numbers && planAliases(draft, numbers.count) }
}

/** The load, where nothing stands against it so far. */
export function completeLoad ({ parameters, issues, numbers, aliases }: Plan): Load | undefined {
  if (!issues.isEmpty || numbers === undefined || !Value.Check(CreateRequest, parameters)) return undefined
  return { request: parameters, numbers, aliases }
}

function planNumbers ({ parameters: { start, end }, issues }: ParsedParameters, maxRange: number): Series | undefined {
  if (start === undefined || end === undefined) return undefined
  const range = rangeBetween(start, end, maxRange)
  if ('problem' in range) {
    issues.add('end', range.problem)
    return undefined
  }
  return numberSeries(range)
}

/** The numbers of a range. */
export function numberSeries ({ start, end, count }: Range): Series {
  return { first: start, last: end, count, sequence: sequenceFrom(start) }
}

function planAliases ({ parameters: { alias }, issues }: ParsedParameters, count: number): Series | undefined {
  if (alias === undefined || alias === '') return undefined
  const series = aliasSeries(alias, count)
  if (series === undefined) {
    issues.add('alias', `alias must leave room to count up ${count} aliases of the same width`)
  }
  return series
}

/** The aliases of `count` numbers, or `undefined` where they would outgrow their width. */
export function aliasSeries (alias: string, count: number): Series | undefined {
  const first = parseAlias(alias)
  const last = lastAlias(first, count)
  return last === undefined ? undefined : { first: alias, last, count, sequence: sequenceFrom(first.digits, first.sign) }
}
