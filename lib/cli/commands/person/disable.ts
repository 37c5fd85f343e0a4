import { enablePerson as setEnabled, getPerson } from '../../../people/administration.js'
import type { DatabaseCommand } from '../../command.js'
import { describePerson } from '../../describe.js'

export const disablePerson: DatabaseCommand = {
  synopsis: '<username>',
  summary: 'Keep a person from calling the function, from now on.',
  operands: ['username'],
  options: {},
  async run ({ database }, { operands: [username = ''] }) {
    await setEnabled(database, username, false)
    const person = await getPerson(database, username)
    return { json: person, lines: [describePerson(person)] }
  }
}
