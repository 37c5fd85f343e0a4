import { changePassword as change, getPerson } from '../../../people/administration.js'
import type { DatabaseCommand } from '../../command.js'
import { readNewPassword } from '../../new-password.js'

export const changePassword: DatabaseCommand = {
  synopsis: '<username>',
  summary: 'Change the password of a person; it is typed, or sent to standard input.',
  operands: ['username'],
  options: {},
  role: 'owner',
  async run ({ database, terminal, interruptible }, { operands: [username = ''] }) {
    const person = await getPerson(database, username)
    const password = await readNewPassword(terminal, username)
    await interruptible('Changing the password', () => change(database, username, password))
    return { json: person, lines: [`${username} has a new password.`] }
  }
}
