import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { conditionOf, ConfigurationError } from './configuration-error.js'

/**
 * The environment with the variables of a file `.env`; those that are set already win. Without the file, it is as it was.
 * @throws ConfigurationError for a file that cannot be read
 */
export function withDotEnv (environment: NodeJS.ProcessEnv, file = '.env'): NodeJS.ProcessEnv {
  return { ...parseEnv(readIfPresent(file)), ...environment }
}

function readIfPresent (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (conditionOf(error) === 'ENOENT') return ''
    throw new ConfigurationError(`the file ${file} cannot be read (${conditionOf(error)})`)
  }
}
