import { listPeople as list } from '../../../people/administration.js'
import type { DatabaseCommand } from '../../command.js'
import { describePerson } from '../../describe.js'

export const listPeople: DatabaseCommand = {
  synopsis: '',
  summary: 'List the people with their roles and privileges.',
  operands: [],
  options: {},
  role: 'owner',
  async run ({ database }) {
    const people = await list(database)
    return { json: people, lines: people.length === 0 ? ['There are no people.'] : people.map(describePerson) }
  }
}
