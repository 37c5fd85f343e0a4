import { Type, type Static } from '@sinclair/typebox'
import { CreateParameters } from './create.js'
import { flag, hostSchemaOf, identifier } from './schema.js'

const { alias, charge_customer: charges, customer, region, stype } = CreateParameters.properties

/** The maximum of characters of the names of all columns that a first row can have. */
const MAX_PAIRS_LENGTH = 65_536

/**
 * The parameters of `numbers/system/import` after the credentials. A row's own cells take precedence over the parameters of the
 * same names.
 */
export const ImportParameters = Type.Object({
  csv: Type.Optional(Type.String({
    description: 'The file: a list of numbers or ranges, or CSV. Instead, it may be a text/csv or text/plain body.',
    examples: ['number,alias\n2125550000,+5000\n2125550001,+5001'],
    hint: 'must be the contents of a file: a list of numbers, or CSV'
  })),
  class: identifier('Number class of the rows without one; 0 if every row has one.', { default: 0 }),
  ingroup: identifier('Inbound group of the rows without one; 0 if every row has one.', { default: 0 }),
  alias,
  charge_customer: charges,
  customer,
  region,
  validation: flag('1 checks the file and adds nothing, 0 adds the numbers.'),
  stype,
  columns: Type.String({
    maxLength: MAX_PAIRS_LENGTH,
    default: '',
    description: 'Which columns to read if they are not named number, start, end, range, prefix, length, count, alias, class, ' +
      'ingroup, customer, region or stype: number=Phone or start=From,end=To. A plus sign joins columns: prefix=NPA+NXX+X.',
    hint: 'must be pairs of a role and the header of its column, separated by commas: start=From,end=To'
  }),
  where: Type.String({
    maxLength: MAX_PAIRS_LENGTH,
    default: '',
    description: 'Which rows to read: pairs of a header and the text of its cells, separated by commas, all of which must match.',
    hint: 'must be pairs of a header and the text of its cells, separated by commas: Status=Allocated'
  }),
  delimiter: Type.Union(['', ',', ';', 'tab', '|'].map(value => Type.Literal(value)), {
    default: '',
    description: 'Delimiter of the cells: a comma, a semicolon, tab or |. Empty for the most frequent one of the first line.',
    hint: 'must be a comma, a semicolon (%3B in a URL), tab or |'
  }),
  encoding: Type.Union([Type.Literal('utf-8'), Type.Literal('latin1')], {
    default: 'utf-8',
    description: 'Encoding of the file: utf-8, or latin1 for ISO-8859-1 and Windows-1252.',
    hint: 'must be utf-8 or latin1'
  }),
  length: Type.String({
    pattern: '^([0-9]{1,2}(\\+[0-9]{1,2}){0,31})?$',
    default: '',
    description: 'Count of digits of the numbers that begin with the prefix of a row: 10, or a sum such as 3+7.',
    hint: 'must be a count of digits, or a sum of counts: 10, or 3+7 (%2B in a URL)'
  }),
  punctuation: Type.Union([Type.Literal('refuse'), Type.Literal('strip')], {
    default: 'refuse',
    description: 'strip removes hyphens from numbers. Otherwise a hyphen separates the ends of a range.',
    hint: 'must be refuse or strip'
  }),
  plus: Type.Optional(Type.String({
    pattern: '^[0-9]{0,8}(:[0-9]{0,8})?$',
    emptyIsValue: true,
    description: 'Replacement for a plus sign before a number: nothing if it is empty, digits (00), or digits for one country code (44:0).',
    hint: 'must be empty, digits (00), or a country code and the digits that replace it (44:0)'
  })),
  prepend: Type.String({
    pattern: '^[0-9]{0,31}$',
    default: '',
    description: 'Digits to put before every number of the file, after plus signs are replaced.',
    hint: 'must be up to 31 digits, digits only'
  }),
  mixed_lengths: Type.Union([Type.Literal('allow'), Type.Literal('refuse')], {
    default: 'allow',
    description: 'refuse refuses a number that is a prefix of a longer number, in the file or in the database.',
    hint: 'must be allow or refuse'
  })
})

/** The same parameters for host code: the flags are booleans. */
export const ImportRequest = hostSchemaOf(ImportParameters)

export type ImportRequest = Static<typeof ImportRequest>

/** The parameters of `import` in host code, which passes the file separately; all are optional. */
export type ImportInput = Partial<Omit<ImportRequest, 'csv'>>
