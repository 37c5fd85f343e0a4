import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { DATABASE_URL, emptySchema } from './host.js'

/** Creates an empty database for a test of what uses the schema `telco`, and returns its URL. */
export async function emptyDatabase (t: Test): Promise<string> {
  const { pool } = await emptySchema(t)
  const name = `test_${randomBytes(6).toString('hex')}`
  await pool.query(`create database ${name}`)
  t.teardown(() => pool.query(`drop database ${name} with (force)`))
  const url = new URL(DATABASE_URL)
  url.pathname = `/${name}`
  return url.href
}
