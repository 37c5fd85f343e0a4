// The ten tasks of an operator's day, once by the endpoints and once by the command line.
import t from 'tap'
import { run } from './support/command-line.js'
import { callOf, DATABASE_URL, demoHost, PATH, type Answer, type TestHost } from './support/host.js'

const LOAD = {
  start: '2125550000', end: '2125559999', class: 1, ingroup: 1, customer: 2, region: 1, alias: '+10000', charge_customer: true
}

async function operated (t: Parameters<typeof demoHost>[0]): Promise<TestHost> {
  const host = await demoHost(t, { endpoints: ['create', 'get', 'list', 'update', 'delete'], httpStatus: 'always-200' })
  await host.app.telcoNumbers.create({ start: '3000', end: '3099', class: 1, ingroup: 1 })
  return host
}

/** Returns numbers, customers and the sums of their transactions, as text. */
async function stateOf ({ sql }: TestHost): Promise<unknown> {
  return await sql(`
    select numbers::text as row from numbers union all select id || name || trim_scale(balance) from customers
    union all select customer || ':' || trim_scale(sum(amount)) from transactions group by customer having sum(amount) <> 0
    order by row`)
}

t.test('the ten tasks by the endpoints, for a client that accepts only HTTP 200 and reads the first entry', async t => {
  const host = await operated(t)
  const ask = async (endpoint: string, parameters: Record<string, string | number>, code: string) => {
    const { statusCode, body } = await host.app.inject(callOf(parameters).replace(PATH, `/api/json/numbers/system/${endpoint}/`))
    const { responses: [first], data } = JSON.parse(body) as Pick<Answer, 'responses'> & { readonly data?: unknown }
    t.strictSame([statusCode, first?.code], [200, code], body.slice(0, 200))
    return { ...first, data }
  }
  await ask('create', { ...LOAD, charge_customer: 1, validation: 1 }, '201')
  await ask('create', { ...LOAD, charge_customer: 1 }, '200')
  // Who has this number, and which load added it?
  t.match(await ask('get', { number: '2125550042' }, '200'), { data: { customer: 2, load: '2', alias: '+10042' } })
  t.match(await ask('get', { number: '2125560000' }, '404'), { key: 'number', message: 'number 2125560000 not found' })
  // Move 50 numbers to customer 3.
  t.match(await ask('update', { number: '2125550100', end: '2125550149', customer: 3 }, '204'), { data: { count: 50 } })
  // Release 100 numbers, and another 100 with a refund.
  t.match(await ask('delete', { number: '2125551000', end: '2125551099' }, '204'), { data: { count: 100 } })
  t.match(await ask('delete', { number: '2125551100', end: '2125551199', refund: 1 }, '204'), { data: { count: 100 } })
  t.match(await host.sql('select customer, quantity, amount from transactions where change is not null'), [
    { customer: 2, quantity: -100, amount: '100.00' }
  ])
  // Correct the class of 500 numbers.
  t.match(await ask('update', { number: '2125550000', end: '2125550499', class: 2 }, '204'), { data: { count: 500 } })
  t.match(await ask('list', { class: 2, count: 1 }, '200'), { data: { count: 500 } })
  // Find free numbers, and list those of customer 3.
  t.strictSame((await ask('list', { free: 1, limit: 2, pages: 1 }, '200')).data, [{ number: '3000' }, { number: '3001' }])
  t.equal(((await ask('list', { customer: 3 }, '200')).data as unknown[]).length, 50)
  // The message names the issue.
  t.match(await ask('update', { number: '2125550000', custmer: 3 }, '400'), { key: 'custmer', message: /use customer/ })
  t.match(await ask('update', { number: '2125550000', shortcut: 1 }, '400'), { key: 'shortcut' })
  t.match(await ask('list', { directory: 1 }, '400'), { key: 'directory' })
  t.match(await ask('update', { number: '2125550000', class: 9 }, '400'), { key: 'class', message: /class 9 does not exist/ })
  // Undo one of these, and then everything.
  const { telcoNumbers } = host.app
  t.match(await telcoNumbers.undo('6'), { kind: 'update', count: 500 })
  await telcoNumbers.undo('2', { with: ['5', '4', '3'] })
  t.match(await ask('list', { count: 1 }, '200'), { data: { count: 100 } })
})

t.test('the ten tasks by the command line, after which undo restores every row', async t => {
  const host = await operated(t)
  const command = async (line: string, status = 0): Promise<string> => {
    const ran = await run(line.split(' '), { DATABASE_URL, SCHEMA: host.schema, USER: 'operator' })
    t.equal(ran.status, status, `${line}: ${ran.err}`)
    return status === 0 ? ran.out : ran.err
  }
  const before = await stateOf(host)
  await host.app.telcoNumbers.create(LOAD, { person: 'user' })
  const loaded = await stateOf(host)
  t.match(await command('get 2125550042'), /customer 2, .* load 2$/)
  t.match(await command('show 2'), /2125550000 to 2125559999 \(10000\), .* by user/)
  t.match(await command('update 2125550100 --end 2125550149 --customer 3 --yes'), /^Update 3: 50 numbers changed/)
  t.match(await command('delete 2125551000 --end 2125551099 --yes'), /^Delete 4: 100 numbers deleted/)
  t.match(await command('delete 2125551100 --end 2125551199 --refund --yes'), /customer 2 \(Reseller\) gets back 100\.00$/)
  t.match(await command('update 2125550000 --end 2125550499 --class 2 --yes'), /^Update 6: 500 numbers changed/)
  t.equal(await command('free --count 20'), '3000 to 3019 (20)')
  const exported = (await command('list --customer 3 --csv')).split('\n')
  t.strictSame([exported.length, exported[1]], [51, '2125550100,+10100,2,1,3,1,number,2'])
  t.match(await command('classes'), '2 "Gold"')
  t.match(await command('customers'), '3 "Customer"')
  t.match(await command('update 2125550000 --custmer 3 --yes', 2), /did you mean --customer\?/)
  t.match(await command('update 2125550000 --class 9 --yes', 1), /class 9 does not exist/)

  t.match(await command('undo 6 --yes'), 'update 6: 500 numbers changed back')
  const refusal = await command('undo 2 --yes', 1)
  t.match(refusal, /2125550100 to 2125550149 changed \(customer\), 2125551000 to 2125551199 gone; changed by 5, 4, 3, which/)
  t.match(await command('undo 2 --with 3,4,5 --dry-run'), 'load 2: 10000 numbers would be deleted')
  await command('undo 5 --with 4,3 --yes')
  t.strictSame(await stateOf(host), loaded)
  await command('undo 2 --yes')
  t.strictSame(await stateOf(host), before)
})
