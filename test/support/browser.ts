import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import bundled from '@sparticuz/chromium'
import { chromium, type LaunchOptions, type Page } from 'playwright-core'
import type { Test } from 'tap'

/** A page in a headless Chromium: the one in the devDependencies on Linux with x64, else the Chrome of this machine. */
export async function openPage (t: Test): Promise<Page> {
  const isBundled = process.platform === 'linux' && process.arch === 'x64'
  const browser = await chromium.launch(isBundled ? await unpack(t) : { channel: 'chrome' })
  t.teardown(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1200, height: 1600 } })
  return await context.newPage()
}

/** Unpacks Chromium into a new folder, because concurrent runs would overwrite each other's files. */
async function unpack (t: Test): Promise<LaunchOptions> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-telco-numbers-chromium-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  // With these variables, the package also unpacks the libraries that Chromium needs.
  const executablePath = await withVariables({ TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' }, () => bundled.executablePath())
  return {
    executablePath,
    args: ['--no-sandbox'],
    env: { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') }
  }
}

async function withVariables<Result> (variables: NodeJS.ProcessEnv, work: () => Promise<Result>): Promise<Result> {
  const before = { ...process.env }
  Object.assign(process.env, variables)
  try {
    return await work()
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = before[name]
    }
  }
}
