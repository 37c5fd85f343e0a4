import { findFindings } from '../../check.js'
import { DatabaseUnfitError } from '../../errors.js'
import type { DatabaseCommand } from '../command.js'

export const check: DatabaseCommand = {
  synopsis: '[--references]',
  summary: 'Find faults in the database that would make calls fail or lose references, with a remedy for each.',
  details: 'Checks the rights of the role that runs it, so run it as the role of the server. Changes nothing.',
  operands: [],
  options: { references: { type: 'boolean', help: 'Also check every reference, alias and count; reads all numbers.' } },
  worksWithoutTables: true,
  role: 'server',
  async run ({ database, interruptible }, { options }) {
    const findings = await interruptible('Checking the database', () => (
      findFindings(database, options.references === true)))
    if (findings.length > 0) throw new DatabaseUnfitError(findings)
    return { json: { findings }, lines: [`No faults found in schema ${database.schema}.`] }
  }
}
