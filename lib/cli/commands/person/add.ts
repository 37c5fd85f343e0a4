import { addPerson as add, checkAppointment } from '../../../people/administration.js'
import { UsageError, type DatabaseCommand } from '../../command.js'
import { describePerson } from '../../describe.js'
import { readNewPassword } from '../../new-password.js'

export const addPerson: DatabaseCommand = {
  synopsis: '<username> --role <name or id> [--privilege <name>]',
  summary: 'Add a person, with a password that is typed or sent to standard input.',
  details: `To load numbers, a role needs the privilege system. The first one is added with it:
  fastify-telco-numbers person add admin --role "System owner" --privilege system`,
  operands: ['username'],
  options: {
    role: { type: 'string', help: 'Role of the person, by its name or identifier.', isRequired: true },
    privilege: { type: 'string', help: 'Privilege that the role must have; a role that is not there is added with it.' }
  },
  async run ({ database, terminal }, { operands: [username = ''], options: { role, privilege } }) {
    if (privilege === '') throw new UsageError('--privilege needs the name of a privilege')
    const appointment = {
      username, role: String(role), ...typeof privilege === 'string' && { privilege }
    }
    await checkAppointment(database, appointment)
    const password = await readNewPassword(terminal, username)
    const person = await add(database, { ...appointment, password })
    return { json: person, lines: [`Added ${describePerson(person)}.`] }
  }
}
