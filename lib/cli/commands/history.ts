import type { NumberEvent } from '../../records/number-history.js'
import type { DatabaseCommand } from '../command.js'
import { describeActor } from '../describe.js'

export const history: DatabaseCommand = {
  synopsis: '<number>',
  summary: 'Print the recorded events of one number: its load, its changes, its deletion, and their undos.',
  details: 'The number need not exist. SQL outside the plugin leaves no record.',
  operands: ['number'],
  options: {},
  async run ({ service }, { operands: [number = ''] }) {
    const events = await service.history(number)
    return { json: events, lines: events.length === 0 ? [`There are no events of ${number}.`] : events.map(describe) }
  }
}

function describe (event: NumberEvent): string {
  const { kind, undone, id, at, before, after } = event
  return [
    `${kind === 'undo' ? `undo of ${undone}` : kind} ${id}`,
    at.toISOString(),
    ...kind === 'undo' && after === null ? ['deleted'] : [],
    ...kind === 'undo' && before === null ? ['restored'] : [],
    ...describeStates(event),
    ...describeActor(event)
  ].join(', ')
}

/** Returns the changes, or the state of a number that was added or deleted. */
function describeStates ({ before, after }: NumberEvent): string[] {
  if (before !== null && after !== null) {
    const former = new Map(Object.entries(before))
    const changes = Object.entries(after).map(([name, value]) => `${name} ${former.get(name) || 'none'} to ${value || 'none'}`)
    return changes.length === 0 ? ['no difference'] : changes
  }
  return Object.entries({ ...before, ...after }).filter(([, value]) => value !== 0 && value !== '').map(([name, value]) => `${name} ${value}`)
}
