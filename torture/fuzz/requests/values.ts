import fc from 'fast-check'
import { MARKER } from '../model/demo-data.js'

/** A value: text for any notation, or raw bytes for one notation. */
export type Value =
  | { readonly kind: 'text', readonly text: string }
  | { readonly kind: 'form', readonly raw: string }
  | { readonly kind: 'json', readonly raw: string }

export function text (text: string): Value {
  return { kind: 'text', text }
}

const AROUND_POWERS = [31n, 32n, 53n, 63n, 64n].flatMap(power => [-1n, 0n, 1n].map(more => String(2n ** power + more)))

const NEARLY_NUMBERS = [
  '0', '1', '2', '3', '4', '01', '0001', '0'.repeat(400), `${'0'.repeat(400)}1`, '-0', '-1', '+1', '1.0', '1.', '.1', '1e0', '1e3', '1E+2',
  '0x1', '0b1', '0o1', '1n', ' 1', '1 ', '\t1', '1\n', '1\r\n', '1\0', '\u00a01', '\u200b1', '\ufeff1', '1_000', '1,000', '1 000', 'NaN',
  'Infinity', 'null', 'undefined', 'true', 'false', 'one', '½', '²', '１', '１２３', '١', '٢١٢', '१२३', '𝟙𝟚𝟛', '-', '+', '++1', '+ 1', '1+',
  '1'.repeat(31), '1'.repeat(32), '1'.repeat(33), '9'.repeat(32), '9'.repeat(33), '0'.repeat(32), `+${'9'.repeat(32)}`, `+${'9'.repeat(33)}`,
  '+0', '+00', '00', '99', '+99', '212 555 0000', '212-555-0000', '(212)5550000', 'tel:+12125550000', '00491234'
]

const HOSTILE = [
  '', ' ', '\0', '\0\0', 'a\0b', '\ud800', '\udfff', '1\ud800', '\ud83d\ude00', '\ufffd', '\uffff', '\u202e1', '\u0301', 'ﬀ', 'İ', 'ß',
  '\'; drop table numbers; --', '1 or 1=1', '1); delete from numbers; --', '1\' union select password_hash from people --', '$1', '$2::text',
  ':"schema"', '";select pg_sleep(10);--', '\\', '\\\'', '%s', '%n%n', '${1}', '#{1}', '{{1}}', '`1`', '1;2', '1&2', '1=2', '?', '#', '/*', '*/',
  '1\r\nSet-Cookie: a=b', '\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', '\n', '\r', '<script>alert(1)</script>', '../../etc/passwd', 'file:///etc/passwd',
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '[object Object]', '{"start":"1"}', '[1]', '{}', '[]', '""', 'number',
  'callerid', 'Number', 'CALLERID', 'number ', 'numbers', 'yes', 'on', 'system'
]

const LONG = [
  ...[200, 1_000, 9_000, 20_000, 66_000].flatMap(length => ['1', 'a', '\'', '\0', '9', 'é'].map(unit => ({ unit, length }))),
  ...['1', 'a'].map(unit => ({ unit, length: 1_000_000 }))
]

const RAW_FORM = [
  '%', '%1', '%z', '%zz', '1%', '%2', '%C0%80', '%C0%B1', '%E0%80%B1', '%F0%80%80%B1', '%ED%A0%80', '%ED%B0%80', '%FF', '%FE%FF', '%80', '%C3',
  '%C3%28', '%F4%90%80%80', '%00', '1%00', '%u0031', '%25%31', '%31', '%EF%BC%91', '%EF%BB%BF1', '1%0D%0AX-Injected:%201', '+', '+1', '%2B1',
  '%20', '=', '==', '1=1', '=1', '%3D', '%26', '%3B', '%e2%82%ac', '%E2%82', '\xe9', '\xc3\xa9', '\xff'
]

const RAW_JSON = [
  '1e0', '1.0', '-1', '-0', '0', '1', '2', '1E+2', '1e400', '10e-1', 'true', 'false', 'null', '[]', '[1]', '["1"]', '{}', '{"a":1}', '[[[[]]]]',
  '{"start":"1","class":[{"}":"]"}]}', '"\\ud800"', '"1\\u0000"', '"\\u0031"', '"\\ud83d\\ude00"', '"\\""', '"\\\\"', '""', '" 1"', '"1"', '2147483647',
  '2147483648', '9007199254740991', '9007199254740993', '9223372036854775807', '9223372036854775808', '123456789012345678901234567890'
]

/** Returns any UTF-16, halves of surrogate pairs included. */
function anyText (minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength, maxLength }).map(codes => String.fromCharCode(...codes))
}

/** Mostly invalid values. */
export const hostileValue: fc.Arbitrary<Value> = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...NEARLY_NUMBERS, ...AROUND_POWERS).map(text) },
  { weight: 20, arbitrary: fc.constantFrom(...HOSTILE).map(text) },
  { weight: 15, arbitrary: fc.constantFrom(...RAW_FORM).map((raw): Value => ({ kind: 'form', raw })) },
  { weight: 15, arbitrary: fc.constantFrom(...RAW_JSON).map((raw): Value => ({ kind: 'json', raw })) },
  { weight: 8, arbitrary: anyText(0, 20).map(text) },
  { weight: 8, arbitrary: fc.string({ maxLength: 20 }).map(text) },
  { weight: 8, arbitrary: fc.stringMatching(/^[+]?[0-9]{1,34}$/).map(text) },
  { weight: 1, arbitrary: fc.constantFrom(...LONG).map(({ unit, length }) => text(unit.repeat(length))) }
)

/** Names that are not parameters, some of them similar to one. */
export const foreignName: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '__proto__', 'constructor', 'toString', 'prototype', 'hasOwnProperty', 'length', 'Start', 'START', ' start', 'start ', 'start\0', 'start[]',
      'start[0]', 'start.x', '\ufeffstart', 'ｓtart', 'class\n', 'auth', 'auth_username ', 'auth-username', 'username', 'password', 'responses', 'code',
      'validate', 'custmer', 'custoemr', 'regions', 'alais', 'ende', 'End', 'charge-customer', 'chargeCustomer', 'in_group', 'customer_id', 'type',
      'key', 'count', 'id', 'load', 'number', 'numbr', 'Number', 'serach', 'limits', 'ofset', 'refnud', 'shortcuts', 'befor', 'schema', 'colour', '0', '-1', 'null', 'undefined', '\ud800', 'é', '%', '%s', '\'')
  },
  { weight: 1, arbitrary: anyText(1, 10) }
)

/** Values that are not the password of any person, some of them not text. */
export const wrongPassword: fc.Arbitrary<Value> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(text('')) },
  { weight: 1, arbitrary: fc.constantFrom('null', 'true', '1', '[]', '{}', '"\\ud800"').map((raw): Value => ({ kind: 'json', raw })) },
  { weight: 1, arbitrary: fc.constantFrom('%', '%zz', '%ff', '%C0%80').map((raw): Value => ({ kind: 'form', raw })) },
  { weight: 1, arbitrary: fc.constantFrom(`wrong ${MARKER}`, `${MARKER}\0`, `' or '1'='1' ${MARKER}`).map(text) }
)

/** Values that are not a username. They are rarely valid text, because the server verifies a dummy password for it. */
export const wrongUsername: fc.Arbitrary<Value> = fc.oneof(
  { weight: 10, arbitrary: fc.constant(text('')) },
  { weight: 10, arbitrary: fc.constantFrom('%', '%zz', '%ff', '%C0%80').map((raw): Value => ({ kind: 'form', raw })) },
  { weight: 1, arbitrary: wrongPassword }
)
