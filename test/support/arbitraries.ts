import fc from 'fast-check'

/** Telephone numbers: 1 to 32 digits. */
export const digitString = fc.integer({ min: 1, max: 32 }).chain(digitStringOf)

export function digitStringOf (width: number): fc.Arbitrary<string> {
  return fc.array(fc.integer({ min: 0, max: 9 }), { minLength: width, maxLength: width }).map(digits => digits.join(''))
}
