import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { emptyDatabase } from '../support/empty-database.js'
import { callOf } from '../support/host.js'
import { commandsOf, sectionOf, type Section } from '../support/readme.js'
import { ROOT } from '../support/root.js'
import { dataDirectory, processesOf } from '../support/server-process.js'
import { until } from '../support/until.js'

// Follows README and the pages that it links literally in a copy of the clone, from Start to the Fastify host. Only the port and
// the address of the database are replaced, and `npm ci` is reduced to the build, because its packages are already installed.
const NOT_CLONED = ['node_modules', '.git', '.tap', '.build', '.data']
const README_ORIGIN = 'http://127.0.0.1:3000'
const README_DATABASE = 'postgres://app@db.example.com/telco'

// Several builds and a million numbers, on a machine that may have more to do.
t.setTimeout(1_200_000)

interface Shell {
  readonly cwd: string
  /** Runs a block to its end and returns what it prints. */
  readonly run: (text: string, environment?: NodeJS.ProcessEnv) => Promise<string>
  /** Runs a block that ends with a server, which is then listening. */
  readonly serve: (text: string) => Promise<RunningServer>
}

interface RunningServer {
  readonly origin: string
  /** Sends Ctrl-C, waits until no process of the server is left, and returns the output of the server. */
  readonly interrupt: () => Promise<string>
}

async function clone (t: Test): Promise<string> {
  const folder = await dataDirectory(t, 'clone')
  await cp(ROOT, folder, { recursive: true, filter: source => !NOT_CLONED.includes(basename(source)) })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Returns a folder with an `npx` that starts the program at once: npm takes longer to find it than the program runs. */
async function quickNpx (t: Test, cwd: string): Promise<string> {
  const folder = t.testdir({})
  await writeFile(join(folder, 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(cwd, 'dist', 'cli', 'main.js')}' "$@"\n`, { mode: 0o755 })
  return folder
}

function openShell (t: Test, cwd: string, programs?: string): Shell {
  const { HOME, USER, TMPDIR } = process.env
  const PATH = [...programs === undefined ? [] : [programs], process.env.PATH].join(':')
  const options = { cwd, env: { PATH, HOME, USER, TMPDIR, PORT: '0' } }
  return {
    cwd,
    run: async (text, environment) => (
      await promisify(execFile)('sh', ['-e', '-c', text], { ...options, env: { ...options.env, ...environment } })).stdout,
    serve: async text => {
      const child = spawn('sh', ['-e', '-c', text], { ...options, detached: true })
      t.teardown(() => { if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL') })
      const ended = once(child, 'close')
      let output = ''
      // No limit other than that of the test, because the server is built first.
      const origin = await new Promise<string>((resolve, reject) => {
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8').on('data', (more: string) => {
            output += more
            const [, address] = /istening (?:on|at) (http:\/\/[\d.]+:\d+)/.exec(output) ?? []
            if (address !== undefined) resolve(address)
          })
        }
        ended.then(() => { reject(new Error(`nothing is listening: ${output}`)) }, reject)
      })
      return {
        origin,
        interrupt: async () => {
          process.kill(-(child.pid ?? 0), 'SIGINT')
          await ended
          await until(async () => (await processesOf(join(cwd, '.data'))).length === 0)
          return output
        }
      }
    }
  }
}

const START = sectionOf('## Start')
const HOST = sectionOf('## In a Fastify host')
const MILLION = sectionOf('## Load a million numbers and undo the load', 'docs/cli.md')
const OWN_DATABASE = sectionOf('## Use your own PostgreSQL', 'docs/server.md')

/** Returns the shell blocks of a section, each with its output according to the page. */
function examplesOf ({ blocks }: Section): Array<{ text: string, printed: string | undefined }> {
  return blocks.flatMap(({ language, text }, index) => {
    const next = blocks[index + 1]
    return language === 'sh' ? [{ text, printed: next?.language === 'json' ? next.text : undefined }] : []
  })
}

t.test('works for a new user who follows README', async t => {
  const folder = await clone(t)
  const shell = openShell(t, folder)
  // After the first commands have shown that npx finds the program.
  const quick = openShell(t, folder, await quickNpx(t, folder))
  const databaseUrl = await emptyDatabase(t)
  const [start, ...examples] = examplesOf(START)
  const startBlock = start?.text.replace(/^npm ci$/m, 'npm run build --silent') ?? ''
  t.equal(start?.text, 'npm ci\nnpm start')

  await t.test('start, see the documentation, load numbers and undo a load', async t => {
    const server = await shell.serve(startBlock)
    const rewrite = (text: string) => text.replaceAll(README_ORIGIN, server.origin)
    for (const [address] of START.prose.matchAll(/http:\/\/127\.0\.0\.1:3000\/[\w/-]+/g)) {
      t.equal((await fetch(rewrite(address))).status, 200, address)
    }
    t.equal(examples.length, 2)
    for (const { text, printed } of [...examples, ...examplesOf(MILLION)]) {
      const output = await shell.run(rewrite(text))
      t.not(output, '', text)
      if (printed !== undefined) t.equal(output.replaceAll('\n', ''), printed.replaceAll('\n', ''), text)
    }
    const loads = JSON.parse(await quick.run('npx fastify-telco-numbers loads --json')) as unknown
    t.match(loads, [{ count: 1_000_000, undoneAt: String }, { count: 9999, undoneAt: null }, { count: 1, undoneAt: null }])
    t.match(JSON.parse(await quick.run('npx fastify-telco-numbers show 3 --json')), {
      start: '3000000000', transactions: [{ customer: 2 }, { customer: 3 }, { customer: 2 }, { customer: 3 }]
    })
    for (const [page, heading] of [
      ['docs/cli.md', '## Numbers'], ['docs/cli.md', '## People'], ['docs/operations.md', '## Reach the database with psql']
    ] as const) {
      // Compose has its own tests.
      for (const { text } of examplesOf(sectionOf(heading, page)).filter(({ text }) => !text.startsWith('docker '))) {
        t.not(await quick.run(text), '', text)
      }
    }
    t.match(JSON.parse(await quick.run('npx fastify-telco-numbers loads --json')), [{ count: 1 }, { count: 10_000 }])
    t.match(JSON.parse(await quick.run('npx fastify-telco-numbers person list --json')), [{ username: 'admin' }])
    t.match(await server.interrupt(), /Stopping\./)
  })

  await t.test('print the SQL of the tables, and run it with psql', async t => {
    const url = await emptyDatabase(t)
    for (const { text } of examplesOf(sectionOf('## Tables', 'docs/cli.md'))) await quick.run(text, { DATABASE_URL: url })
    const [migrate = ''] = commandsOf(sectionOf('## Add a migration', 'CONTRIBUTING.md'))
    await quick.run(migrate, { DATABASE_URL: url })
    t.equal(await shell.run(`psql '${url}' --tuples-only --no-align --command "select to_regclass('telco.numbers'), to_regclass('try.numbers')"`),
      'telco.numbers|try.numbers\n')
    t.match(await quick.run('npx fastify-telco-numbers migrate --dry-run', { DATABASE_URL: url }), /^(?!.*create table)/s)
  })

  await t.test('start again, and find the data', async t => {
    const server = await shell.serve(startBlock)
    t.match(await (await fetch(`${server.origin}${callOf({ start: '2125559999', class: 1, ingroup: 2 })}`)).json(), {
      responses: [{ code: '400', key: 'start' }]
    })
    await server.interrupt()
    t.ok((await stat(join(shell.cwd, '.data'))).isDirectory())
  })

  await t.test('move to another PostgreSQL', async t => {
    const text = OWN_DATABASE.blocks[0]?.text ?? ''
    t.match(text, README_DATABASE)
    const server = await shell.serve(text.replace(README_DATABASE, databaseUrl))
    t.strictSame(await processesOf(join(shell.cwd, '.data')), [], 'the embedded PostgreSQL is not running')
    t.match(await (await fetch(`${server.origin}${callOf({ start: '2125559999', class: 1, ingroup: 2 })}`)).json(), {
      responses: [{ code: '400', key: 'start' }]
    })
    await server.interrupt()
  })

  await t.test('register the plugin in a Fastify host', async t => {
    const example = HOST.blocks.find(({ language }) => language === 'ts')?.text ?? ''
    const host = await dataDirectory(t, 'host')
    const installed = join(host, 'node_modules', 'fastify-telco-numbers')
    await mkdir(installed, { recursive: true })
    const packed = await shell.run(`npm pack --silent --ignore-scripts --pack-destination '${host}'`)
    await shell.run(`tar -xzf '${join(host, packed.trim())}' -C '${installed}' --strip-components=1`)
    // What npm install would bring: the declared dependencies, and Fastify, TypeScript and its types with the host.
    const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { dependencies: object }
    for (const name of [...Object.keys(dependencies), 'fastify', '@types/node']) {
      await mkdir(dirname(join(host, 'node_modules', name)), { recursive: true })
      await symlink(join(ROOT, 'node_modules', name), join(host, 'node_modules', name))
    }
    const source = example.replace(README_DATABASE, databaseUrl).replace('port: 3000', 'port: 0')
    t.match(source, databaseUrl)
    await writeFile(join(host, 'package.json'), '{ "type": "module" }')
    await writeFile(join(host, 'host.ts'), source)
    const hostShell = openShell(t, host)
    await hostShell.run(`'${process.execPath}' '${join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')}' \
      --strict --target es2023 --module nodenext --types node --skipLibCheck host.ts`)
    const server = await hostShell.serve(`exec '${process.execPath}' host.js`)
    const reply = await fetch(`${server.origin}${callOf({ start: '2125560000', class: 1, ingroup: 2 })}`)
    t.match(await reply.json(), { responses: [{ code: '200' }], data: { count: 1 } })
    await server.interrupt()
  })
})
