import { readFileSync } from 'node:fs'
import { conditionOf, ConfigurationError } from './configuration-error.js'

/** Variables with secrets: each may instead be in a file, which the variable of this name with _FILE behind it names. */
export const SECRETS = ['DATABASE_URL', 'DATABASE_PASSWORD', 'ADMIN_PASSWORD'] as const

const PASSWORD_IN_URL = /^[^:]+:\/\/[^/?#@:]*:[^/?#@]+@|[?&]password=/

/**
 * The environment with the secrets that are in files, and with DATABASE_PASSWORD as a part of DATABASE_URL.
 * @throws ConfigurationError
 */
export function withSecrets (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const complete = { ...environment }
  for (const name of SECRETS) {
    const file = environment[`${name}_FILE`] ?? ''
    if (file === '') continue
    if ((environment[name] ?? '') !== '') throw new ConfigurationError(`${name} and ${name}_FILE exclude each other`)
    complete[name] = readSecret(`${name}_FILE`, file)
  }
  const { DATABASE_URL: url = '', DATABASE_PASSWORD: password = '' } = complete
  if (password === '') return complete
  if (url === '') throw new ConfigurationError('DATABASE_PASSWORD needs DATABASE_URL, which says where the database is')
  if (PASSWORD_IN_URL.test(url)) throw new ConfigurationError('DATABASE_URL has a password already, which DATABASE_PASSWORD excludes')
  // As a parameter, because a URL without a host has no place for it before the host.
  return { ...complete, DATABASE_URL: `${url}${url.includes('?') ? '&' : '?'}password=${encodeURIComponent(password)}` }
}

function readSecret (variable: string, file: string): string {
  let secret
  try {
    secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new ConfigurationError(`${variable} must name a file that can be read (${conditionOf(error)})`)
  }
  if (secret === '') throw new ConfigurationError(`${variable} names a file that is empty`)
  return secret
}
