// Generates texts.ts from the .sql files of this folder, so that the SQL is part of the code, wherever it is bundled or run.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = import.meta.dirname
const read = name => readFileSync(join(folder, name), 'utf8')
const names = readdirSync(folder).filter(name => name.endsWith('.sql')).sort()
const migrations = names.filter(name => /^\d/.test(name)).map(name => ({ name, sql: read(name) }))
const constants = names.filter(name => !/^\d/.test(name)).map(name => (
  `export const ${name.slice(0, -'.sql'.length).replaceAll('-', '_').toUpperCase()} = ${JSON.stringify(read(name))}`))

writeFileSync(join(folder, 'texts.ts'), [
  '// Made by embed.js from the .sql files beside it: change those.',
  `export const MIGRATIONS = ${JSON.stringify(migrations, null, 2)}`,
  ...constants
].join('\n\n'))
