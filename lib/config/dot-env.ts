import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { conditionOf, ConfigurationError } from './configuration-error.js'

/**
 * Returns the environment with the variables of a file `.env`, if it exists. Variables that are set take precedence.
 * @throws ConfigurationError if the file cannot be read
 */
export function withDotEnv (environment: NodeJS.ProcessEnv, file = '.env'): NodeJS.ProcessEnv {
  return { ...parseEnv(readIfPresent(file)), ...environment }
}

function readIfPresent (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (conditionOf(error) === 'ENOENT') return ''
    throw new ConfigurationError(`cannot read the file ${file} (${conditionOf(error)})`)
  }
}
