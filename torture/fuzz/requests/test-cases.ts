import fc from 'fast-check'
import { bytesOf, framedBodyOf, headOf, type WireRequest } from '../wire/request.js'
import { BROKEN } from './broken.js'
import { request } from './requests.js'
import { story, type Step } from './stories.js'

/** The bytes that one client sends before it waits for replies. */
export type TestCase =
  /** One request, in one piece or in several with a pause between them. */
  | { readonly kind: 'one', readonly request: WireRequest, readonly cuts: readonly number[] }
  /** Different requests, or the same one several times, without waiting for a reply. */
  | { readonly kind: 'pipelined', readonly requests: readonly WireRequest[] }
  | { readonly kind: 'duplicates', readonly request: WireRequest, readonly copies: number }
  /** Calls one after the other, which concern the same numbers. */
  | { readonly kind: 'story', readonly steps: readonly Step[] }
  /** An incomplete body: the client closes the connection, or sends nothing more for a long time. */
  | { readonly kind: 'abandoned' | 'stalled', readonly request: WireRequest, readonly sent: number }
  | { readonly kind: 'broken', readonly bytes: Buffer }

const fraction = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const cuts = fc.array(fraction, { minLength: 1, maxLength: 4 }).map(cuts => cuts.sort((one, other) => one - other))
const withBody = request.filter(({ method, framing, body }) => method === 'POST' && framing !== 'none' && body.length > 0)

export const testCase: fc.Arbitrary<TestCase> = fc.oneof(
  { weight: 170, arbitrary: fc.record({ kind: fc.constant('one' as const), request, cuts: fc.constant([]) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('one' as const), request, cuts }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pipelined' as const), requests: fc.array(request, { minLength: 2, maxLength: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('duplicates' as const), request, copies: fc.integer({ min: 2, max: 5 }) }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('story' as const), steps: story }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('abandoned' as const), request: withBody, sent: fraction }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stalled' as const), request: withBody, sent: fraction }) },
  { weight: 2, arbitrary: fc.constantFrom(...BROKEN).map(text => ({ kind: 'broken' as const, bytes: Buffer.from(text, 'latin1') })) }
)

/** Returns the bytes of a request in pieces. */
export function piecesOf (request: WireRequest, cuts: readonly number[]): Buffer[] {
  const bytes = bytesOf(request)
  const positions = [0, ...cuts.map(cut => Math.floor(cut * bytes.length)), bytes.length]
  return positions.slice(1).map((position, index) => bytes.subarray(positions[index], position)).filter(piece => piece.length > 0)
}

/** Returns the headers and a part of the body, never all of it. */
export function partOf (request: WireRequest, sent: number): Buffer {
  const body = framedBodyOf(request)
  return Buffer.concat([headOf(request), body.subarray(0, Math.floor(sent * body.length))])
}
