import { grant, scriptGrants } from '../../grants.js'
import type { DatabaseCommand } from '../command.js'

export const grants: DatabaseCommand = {
  synopsis: '--server <role> --operator <role> [--dry-run]',
  summary: 'Grant two existing roles the rights that the server and operators need on the tables, and no others.',
  details: 'Needs the rights of the owner of the tables. Run it again after every migration. It grants all of the rights or none.',
  operands: [],
  options: {
    server: { type: 'string', help: 'Role of the server: adds numbers, charges, undoes.', isRequired: true },
    operator: { type: 'string', help: 'Role of the command line: lists loads, quotes, undoes.', isRequired: true },
    'dry-run': { type: 'boolean', help: 'Print the SQL that would be run, and change nothing.' }
  },
  worksWithoutTables: true,
  role: 'owner',
  async run ({ database, interruptible }, { options }) {
    const { schema } = database
    const roles = { server: String(options.server), operator: String(options.operator) }
    if (options['dry-run'] === true) {
      const sql = scriptGrants(schema, roles)
      return { json: { schema, ...roles, sql }, lines: [sql] }
    }
    await interruptible('Granting the rights', () => grant(database, roles))
    return { json: { schema, ...roles }, lines: [`Granted roles ${roles.server} and ${roles.operator} their rights on schema ${schema}.`] }
  }
}
