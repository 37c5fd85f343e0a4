import { readFileSync } from 'node:fs'
import { conditionOf, ConfigurationError } from './configuration-error.js'

/** Variables with secrets. Each may be in a file instead, which the variable with the suffix _FILE names. */
export const SECRETS = ['DATABASE_URL', 'DATABASE_PASSWORD', 'ADMIN_PASSWORD'] as const

const PASSWORD_IN_URL = /^[^:]+:\/\/[^/?#@:]*:[^/?#@]+@|[?&]password=/

/** The value that Compose passes on if it cannot substitute a variable. */
const UNSUBSTITUTED = /^\$\{\w+[^}]*\}$/

/**
 * Returns the environment with the secrets of the files, and with DATABASE_PASSWORD as a part of DATABASE_URL.
 * @throws ConfigurationError
 */
export function withSecrets (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const complete = { ...environment }
  for (const name of SECRETS) {
    if (UNSUBSTITUTED.test(environment[name] ?? '')) throw new ConfigurationError(`${name} is the name of a variable that Compose has not replaced with its value`)
    const file = environment[`${name}_FILE`] ?? ''
    if (file === '') continue
    if ((environment[name] ?? '') !== '') throw new ConfigurationError(`${name} and ${name}_FILE exclude each other`)
    complete[name] = readSecret(`${name}_FILE`, file)
  }
  const { DATABASE_URL: url = '', DATABASE_PASSWORD: password = '' } = complete
  if (password === '') return complete
  if (url === '') throw new ConfigurationError('DATABASE_PASSWORD requires DATABASE_URL')
  if (PASSWORD_IN_URL.test(url)) throw new ConfigurationError('DATABASE_URL has a password, which excludes DATABASE_PASSWORD')
  // As a parameter, because a URL without a host cannot have a password before the host.
  return { ...complete, DATABASE_URL: `${url}${url.includes('?') ? '&' : '?'}password=${encodeURIComponent(password)}` }
}

function readSecret (variable: string, file: string): string {
  let secret
  try {
    secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new ConfigurationError(`${variable} must name a readable file (${conditionOf(error)})`)
  }
  if (secret === '') throw new ConfigurationError(`${variable} must name a file that is not empty`)
  return secret
}
