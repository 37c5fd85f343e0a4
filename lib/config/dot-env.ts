import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { conditionOf, ConfigurationError } from './configuration-error.js'

/** A value that parseEnv would cut off: a comment begins at any # outside quotes. */
const CUT_VALUE = /^\s*(?:export\s+)?(\w+)[^\S\n]*=(?:[^\S\n]*[^\s'"`#][^\n#]*)?(?<=\S)#/m

/**
 * Returns the environment with the variables of a file `.env`, if it exists. Variables that are set take precedence.
 * @throws ConfigurationError if the file cannot be read, or a value is ambiguous
 */
export function withDotEnv (environment: NodeJS.ProcessEnv, file = '.env'): NodeJS.ProcessEnv {
  const text = readIfPresent(file)
  const [, name] = CUT_VALUE.exec(text) ?? []
  if (name !== undefined) throw new ConfigurationError(`${name} in the file ${file} contains a #: put the value between quotes, or a space before the comment`)
  return { ...parseEnv(text), ...environment }
}

function readIfPresent (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (conditionOf(error) === 'ENOENT') return ''
    throw new ConfigurationError(`cannot read the file ${file} (${conditionOf(error)})`)
  }
}
