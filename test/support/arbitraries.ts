import fc from 'fast-check'

/** Telephone numbers: 1 to 32 digits. */
export const digitString = fc.integer({ min: 1, max: 32 }).chain(digitStringOf)

export function digitStringOf (width: number): fc.Arbitrary<string> {
  return fc.array(fc.integer({ min: 0, max: 9 }), { minLength: width, maxLength: width }).map(digits => digits.join(''))
}

const FIRST_SURROGATE = 0xD800
const SURROGATES = 0x800

/** Any characters. As `fc.string({ unit: 'binary' })`, which takes two seconds to list all of them first. */
export function anyText (lengths: { minLength?: number, maxLength?: number } = {}): fc.Arbitrary<string> {
  const character = fc.integer({ min: 0, max: 0x10FFFF - SURROGATES }).map(index => (
    String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES)))
  return fc.array(character, lengths).map(characters => characters.join(''))
}
