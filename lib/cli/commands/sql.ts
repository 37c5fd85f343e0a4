import { SCHEMA_SQL } from '../../migrate.js'
import { GRANTS, PARTITION_NUMBERS } from '../../sql/texts.js'
import { UsageError, type PrintCommand } from '../command.js'

const FILES: ReadonlyMap<string, string> = new Map([
  ['schema', SCHEMA_SQL], ['grants', GRANTS], ['partition-numbers', PARTITION_NUMBERS]
])

const NAMES = [...FILES.keys()].join('|')

export const sql: PrintCommand = {
  synopsis: `<${NAMES}>`,
  summary: 'Print an SQL file of the package, for psql.',
  details: `The files have variables of psql, --set schema=telco for example. migrate --dry-run and grants --dry-run print SQL without variables:
  fastify-telco-numbers sql partition-numbers | psql "$DATABASE_URL" --set ON_ERROR_STOP=1 --set schema=telco`,
  operands: ['file'],
  options: {},
  print ({ operands: [name = ''] }) {
    const text = FILES.get(name)
    if (text === undefined) throw new UsageError(`usage: fastify-telco-numbers sql <${NAMES}>`)
    return text.trimEnd()
  }
}
