import { addPerson as add, checkAppointment } from '../../../people/administration.js'
import { UsageError, type DatabaseCommand } from '../../command.js'
import { describePerson } from '../../describe.js'
import { readNewPassword } from '../../new-password.js'

export const addPerson: DatabaseCommand = {
  synopsis: '<username> --role <name or id> [--privilege <name>]',
  summary: 'Add a person; the password is typed, or sent to standard input.',
  details: `To load numbers, a role needs the privilege system. In an empty database, add the role with it:
  fastify-telco-numbers person add admin --role "System owner" --privilege system`,
  operands: ['username'],
  options: {
    role: { type: 'string', help: 'Name or identifier of the role of the person.', isRequired: true },
    privilege: { type: 'string', help: 'Privilege that the role must have; a role that does not exist is added with it.' }
  },
  role: 'owner',
  async run ({ database, terminal, interruptible }, { operands: [username = ''], options: { role, privilege } }) {
    if (privilege === '') throw new UsageError('--privilege needs the name of a privilege')
    const appointment = {
      username, role: String(role), ...typeof privilege === 'string' && { privilege }
    }
    await checkAppointment(database, appointment)
    const password = await readNewPassword(terminal, username)
    const person = await interruptible('Adding the person', () => add(database, { ...appointment, password }))
    return { json: person, lines: [`Added ${describePerson(person)}.`] }
  }
}
