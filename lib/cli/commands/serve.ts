import type { ServerCommand } from '../command.js'

export const serve: ServerCommand = {
  synopsis: '',
  summary: 'Start the stand-alone server; environment variables configure it.',
  operands: [],
  options: {},
  // The program of npm start, which handles signals and sets the exit code itself.
  start: async () => { await import('../../server/main.js') }
}
