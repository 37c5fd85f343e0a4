import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const FILES = readdirSync('lib', { recursive: true }).filter(file => file.endsWith('.ts')).map(file => join('lib', file))

/** What only the processes of the command line and of the stand-alone server run. */
const PROGRAMS = [
  'lib/cli/main.ts',
  'lib/server/main.ts', 'lib/server/seed.ts', 'lib/server/move-data.ts', 'lib/server/embedded-postgres.ts', 'lib/server/postgres-supervisor.ts',
  'lib/server/data-directory.ts'
]
const OTHERS = FILES.filter(file => !PROGRAMS.includes(file))

/** Every test of behaviour may cover all of lib but the programs, which the slow tests run as processes. */
export default () => OTHERS
