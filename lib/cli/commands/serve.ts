import type { ServerCommand } from '../command.js'

export const serve: ServerCommand = {
  synopsis: '',
  summary: 'Start the stand-alone server; environment variables configure it.',
  operands: [],
  options: {},
  // The same program as that of npm start; it looks after signals and exit status by itself.
  start: async () => { await import('../../server/main.js') }
}
