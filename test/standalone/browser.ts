import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import bundled from '@sparticuz/chromium'
import { chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'

/** A page in a headless Chromium: the one in the devDependencies on Linux with x64, else the Chrome of this machine. */
export async function openPage (t: Test): Promise<Page> {
  const browser = await chromium.launch(process.platform === 'linux' && process.arch === 'x64'
    ? { executablePath: await unpack(t), args: ['--no-sandbox'] }
    : { channel: 'chrome' })
  t.teardown(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1200, height: 1600 } })
  return await context.newPage()
}

/** Unpacks Chromium into a folder of its own: runs at the same time would get in each other's way. */
async function unpack (t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-telco-numbers-chromium-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const { TMPDIR } = process.env
  process.env.TMPDIR = folder
  try {
    return await bundled.executablePath()
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
}
