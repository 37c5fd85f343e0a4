import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

interface RunningProcess {
  readonly pid: number
  readonly command: string
}

/** Returns the processes that have a directory in their command line: PostgreSQL and its supervisor. */
export async function processesOf (directory: string): Promise<RunningProcess[]> {
  const all = process.platform === 'linux' ? await linuxProcesses() : await otherProcesses()
  return all.filter(({ command }) => command.includes(directory))
}

async function linuxProcesses (): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger)
  return await Promise.all(pids.map(async pid => (
    { pid, command: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ') })))
}

async function otherProcesses (): Promise<RunningProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,command='])
  return stdout.split('\n').map(line => ({ pid: Number.parseInt(line, 10), command: line }))
}
