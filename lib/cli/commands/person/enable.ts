import { enablePerson as setEnabled, getPerson } from '../../../people/administration.js'
import type { DatabaseCommand } from '../../command.js'
import { describePerson } from '../../describe.js'

export const enablePerson: DatabaseCommand = {
  synopsis: '<username>',
  summary: 'Unblock a person who was disabled.',
  operands: ['username'],
  options: {},
  role: 'owner',
  async run ({ database, interruptible }, { operands: [username = ''] }) {
    await interruptible('Unblocking the person', () => setEnabled(database, username, true))
    const person = await getPerson(database, username)
    return { json: person, lines: [describePerson(person)] }
  }
}
