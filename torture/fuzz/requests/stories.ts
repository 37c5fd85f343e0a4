import fc from 'fast-check'
import type { EndpointName } from '../model/contract.js'
import type { WireRequest } from '../wire/request.js'
import type { Parameter } from './parameters.js'
import { rangeAt, type RequestedRange } from './ranges.js'
import { plainRequest } from './requests.js'
import { changeOf, deleteOf } from './valid/change.js'
import { createOf } from './valid/create.js'

/** The undo of a load or change, `back` records before the latest one. */
export interface Undo {
  readonly kind: 'undo'
  readonly back: number
  /** Whether the later records are undone with it. */
  readonly withLater: boolean
  readonly dryRun: boolean
}

/** One call, which waits for the reply to the one before. */
export type Step = { readonly kind: 'call', readonly request: WireRequest } | Undo

const WIDTH = 6
const BLOCK = 100

const undo: fc.Arbitrary<Undo> = fc.record({
  kind: fc.constant('undo' as const),
  back: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 3 }) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 200 }) }),
  withLater: fc.constantFrom(false, false, true),
  dryRun: fc.constantFrom(false, false, false, true)
})

/** A block of numbers is loaded, and then changed, released, loaded again and undone in parts. */
export const story: fc.Arbitrary<Step[]> = fc.integer({ min: 0, max: 9 }).chain(place => {
  const begin = place * BLOCK
  const part = fc.tuple(fc.integer({ min: 0, max: BLOCK - 1 }), fc.integer({ min: 1, max: 60 })).map(([offset, count]) => (
    rangeAt(WIDTH, BigInt(begin + offset), Math.min(count, BLOCK - offset))))
  const step = fc.oneof(
    { weight: 4, arbitrary: call('update', changeOf(part)) },
    { weight: 2, arbitrary: call('delete', deleteOf(part)) },
    { weight: 1, arbitrary: call('create', createOf(part)) },
    { weight: 3, arbitrary: undo })
  const whole: fc.Arbitrary<RequestedRange> = fc.constant(rangeAt(WIDTH, BigInt(begin), BLOCK))
  return fc.tuple(call('create', createOf(whole)), fc.array(step, { minLength: 1, maxLength: 8 }))
    .map(([first, steps]) => [first, ...steps])
})

function call (endpoint: EndpointName, parameters: fc.Arbitrary<Parameter[]>): fc.Arbitrary<Step> {
  return plainRequest(endpoint, parameters).map(request => ({ kind: 'call', request }))
}
