import { enablePerson as setEnabled, getPerson } from '../../../people/administration.js'
import type { DatabaseCommand } from '../../command.js'
import { describePerson } from '../../describe.js'

export const disablePerson: DatabaseCommand = {
  synopsis: '<username>',
  summary: 'Block a person, with effect from the next request.',
  operands: ['username'],
  options: {},
  role: 'owner',
  async run ({ database, interruptible }, { operands: [username = ''] }) {
    await interruptible('Blocking the person', () => setEnabled(database, username, false))
    const person = await getPerson(database, username)
    return { json: person, lines: [describePerson(person)] }
  }
}
