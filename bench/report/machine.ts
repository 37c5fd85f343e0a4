import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import type { Client } from 'pg'
import { REPORTED_SETTINGS } from '../harness/database.js'

/** The machine and the versions that the figures depend on. */
export interface Machine {
  readonly hardware: string
  readonly versions: string
  readonly settings: string
  /** Of the last minute before the run. */
  readonly loadAverage: string
}

export async function describeMachine (sql: Client, isEmbedded: boolean): Promise<Machine> {
  const { rows: settings } = await sql.query<{ name: string, value: string }>(
    'select name, current_setting(name) as value from pg_settings where name = any ($1) order by name', [REPORTED_SETTINGS])
  const { rows: [server] } = await sql.query<{ server_version: string }>('show server_version')
  const versions = await Promise.all(['fastify', 'pg', 'pg-copy-streams', 'undici'].map(
    async name => `${name} ${await versionOf(new URL(`../../node_modules/${name}/package.json`, import.meta.url))}`))
  return {
    hardware: `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ` +
      `${Math.round(totalmem() / 1024 ** 3)} GiB of memory, ${platform()} ${release()}`,
    versions: [
      `fastify-telco-numbers ${await versionOf(new URL('../../package.json', import.meta.url))}`,
      `Node.js ${process.versions.node}`,
      `PostgreSQL ${server?.server_version ?? 'unknown'}${isEmbedded ? ' (embedded)' : ''}`,
      ...versions
    ].join(', '),
    settings: settings.map(({ name, value }) => `${name} = ${value}`).join(', '),
    loadAverage: loadavg()[0]?.toFixed(1) ?? ''
  }
}

async function versionOf (file: URL): Promise<string> {
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version
}
