import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { openPage } from '../support/browser.js'
import { serve } from '../support/server.js'

// Unpacking and starting a browser takes a long time on a busy machine.
t.setTimeout(300_000)
const PAGE_TIMEOUT_MS = 120_000

const NUMBER = { auth_username: 'user', auth_password: 'password', start: '2125550000', class: '1', ingroup: '2' }

/** Counts the colours of a picture, in another page of the browser. */
async function coloursOf (page: Page, picture: Buffer): Promise<number> {
  const other = await page.context().newPage()
  // As text, because it runs in the browser, which has other types than these files.
  return Number(await other.evaluate(`(async () => {
    const image = new Image()
    image.src = 'data:image/png;base64,${picture.toString('base64')}'
    await image.decode()
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d')
    context.drawImage(image, 0, 0)
    return new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)).size
  })()`))
}

t.test('the endpoint can be tried out on the page, in a browser, with the demo credentials', async t => {
  const { app, sql } = await serve(t)
  await app.listen()
  // Kept if the test fails.
  const pictures = t.testdir({})
  const page = await openPage(t)
  page.setDefaultTimeout(PAGE_TIMEOUT_MS)
  const faults: string[] = []
  page.on('pageerror', error => faults.push(error.message))
  page.on('console', message => { if (message.type() === 'error') faults.push(message.text()) })
  const hosts = new Set<string>()
  page.on('request', request => hosts.add(new URL(request.url()).origin))
  await page.goto(`${app.listeningOrigin}/documentation`)

  for (const [method, start] of [['get', '2125550000'], ['post', '2125550001']] as const) {
    const operation = page.locator(`.opblock-${method}`).filter({ hasText: '/numbers/system/create/' })
    await operation.locator('.opblock-summary').click()
    await operation.getByRole('button', { name: 'Try it out' }).click()
    const parameters = { ...NUMBER, start, alias: `+1${start}` }
    if (method === 'post') await operation.locator('textarea.body-param__text').fill(JSON.stringify(parameters))
    else for (const [name, value] of Object.entries(parameters)) {
      await operation.locator(`tr[data-param-name="${name}"], tr[data-property-name="${name}"]`).locator('input').first().fill(value)
    }
    await operation.getByRole('button', { name: 'Execute' }).click()
    const reply = operation.locator('.live-responses-table .response')
    await reply.waitFor()
    t.match(await reply.locator('.response-col_status').innerText(), /^200\b/, method)
    t.match(await reply.innerText(), /"count": 1\b/, method)
    await reply.scrollIntoViewIfNeeded()
    const picture = await page.screenshot()
    await writeFile(join(pictures, `${method}.png`), picture)
    t.ok(await coloursOf(page, picture) > 50, 'the picture is not blank')
  }
  t.strictSame(await sql('select number, alias, class, ingroup from numbers order by number'), [
    { number: '2125550000', alias: '+12125550000', class: 1, ingroup: 2 },
    { number: '2125550001', alias: '+12125550001', class: 1, ingroup: 2 }
  ])
  t.strictSame(faults, [])
  t.strictSame([...hosts], [app.listeningOrigin])
})
