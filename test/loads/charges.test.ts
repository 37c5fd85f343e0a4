import fc from 'fast-check'
import t from 'tap'
import { call, demoHost, keysOf, type TestSchema } from '../support/host.js'
import { openSession } from '../support/session.js'

const COUNT_1000 = { start: '7000000000', end: '7000000999', ingroup: 1 }

async function balances ({ sql }: TestSchema): Promise<Record<string, string>> {
  const rows = await sql<{ id: number, balance: string }>('select id, balance from customers')
  return Object.fromEntries(rows.map(({ id, balance }) => [id, balance]))
}

t.test('charges every customer up to the root the price of its own plan', async t => {
  const host = await demoHost(t)
  t.match(await call(host.app, { ...COUNT_1000, class: 2, customer: 3, charge_customer: 1 }), { data: { count: 1000 } })

  t.strictSame(await balances(host), { 1: '0', 2: '-10000.00', 3: '-15000.00', 4: '0' })
  t.strictSame(
    await host.sql('select customer, quantity, unit_price, amount, balance_after, text from transactions order by id'), [
      {
        customer: 2, quantity: 1000, unit_price: '10.00', amount: '-10000.00', balance_after: '-10000.00',
        text: 'Signup of 1000 numbers 7000000000 to 7000000999, class Gold'
      },
      {
        customer: 3, quantity: 1000, unit_price: '15.00', amount: '-15000.00', balance_after: '-15000.00',
        text: 'Signup of 1000 numbers 7000000000 to 7000000999, class Gold'
      }
    ])
  t.match(await host.sql('select charge_customer, charged from loads'), [{ charge_customer: true, charged: '25000.00' }])
})

t.test('uses the price of the parent if a plan has no price', async t => {
  const host = await demoHost(t)
  await host.app.telcoNumbers.create({ ...COUNT_1000, class: 1, customer: 4, charge_customer: true })
  t.strictSame(await balances(host), { 1: '0', 2: '-1000.00', 3: '0', 4: '-1000.00' })
})

t.test('finds the price at any distance above the customer', async t => {
  const host = await demoHost(t)
  await host.sql(`insert into customers (id, name, parent, plan) values (10, 'a', 4, null), (11, 'b', 10, 3)`)
  const { charges } = await host.app.telcoNumbers.create({ ...COUNT_1000, class: 2, customer: 11, charge_customer: true })
  t.strictSame(charges.map(({ customer, unitPrice, amount }) => [customer, unitPrice, amount]), [
    [11, '10.00', '10000.00'], [10, '10.00', '10000.00'], [4, '10.00', '10000.00'], [2, '10.00', '10000.00']
  ])
})

t.test('writes the text of the class on its transactions', async t => {
  const host = await demoHost(t)
  await host.sql(`update classes set transaction_text_create = 'Golden number' where id = 2`)
  await call(host.app, { ...COUNT_1000, class: 2, customer: 3, charge_customer: 1 })
  t.strictSame(await host.sql('select distinct text from transactions'), [{ text: 'Golden number' }])
})

t.test('refuses charge_customer for a purchase that cannot be charged', async t => {
  const host = await demoHost(t)
  await host.sql(`
    insert into plans (id, name, currency) values (10, 'Dollars', 'USD');
    insert into plan_classes (plan, class, signup, fee) values (10, 1, 1, 1);
    insert into customers (id, name, parent, plan) values (10, 'Pays in dollars', 2, 10);
    insert into classes (id, name) values (10, 'Without a price')`)
  for (const [parameters, message] of [
    [{ customer: 0, class: 1 }, 'charge_customer=1 needs a customer to charge: give customer, or charge_customer=0'],
    [{ customer: 3, class: 10 }, 'class 10 has no price in the plan of customer 3, nor in any above it'],
    [{ customer: 10, class: 1 }, 'the plans of customer 10 and those above it have different currencies'],
    [{ customer: 1, class: 1 }, 'customer 1 has no parent to buy from, so it cannot be charged']
  ] as const) {
    for (const validation of [0, 1]) {
      const answer = await call(host.app, { ...COUNT_1000, ...parameters, charge_customer: 1, validation })
      t.strictSame(answer.responses, [{ code: '400', key: 'charge_customer', message }])
    }
  }
  t.strictSame(await host.sql('select from loads'), [])
})

t.test('reports no issue of charge_customer for a class or customer that does not exist', async t => {
  const { app } = await demoHost(t)
  t.strictSame(keysOf(await call(app, { ...COUNT_1000, class: 99, customer: 3, charge_customer: 1 })), ['class'])
  t.strictSame(keysOf(await call(app, { ...COUNT_1000, class: 1, customer: 99, charge_customer: 1 })), ['customer'])
  t.strictSame(keysOf(await call(app, { ...COUNT_1000, class: 1, customer: 'x', charge_customer: 1 })), ['customer'])
})

t.test('refuses a load whose price is deleted while it runs', async t => {
  const host = await demoHost(t)
  const session = await openSession(t, host)
  await session.query('begin; select from customers where id = 2 for update; delete from plan_classes')
  const refused = host.app.telcoNumbers.create({ ...COUNT_1000, class: 1, customer: 3, charge_customer: true })
  await session.waitedFor()
  await session.query('commit')
  await t.rejects(refused, { code: 'TELCO_NUMBERS_INVALID_PARAMETERS', issues: [{ key: 'charge_customer' }] })
  t.strictSame(await host.sql('select from loads'), [])
  t.strictSame(await host.sql('select from numbers'), [])
})

t.test('quotes the charges without changing anything', async t => {
  const host = await demoHost(t)
  const purchase = { ...COUNT_1000, class: 2, customer: 3, charge_customer: true }
  const quote = await host.app.telcoNumbers.create({ ...purchase, validation: true })
  t.strictSame(quote, {
    id: null,
    count: 0,
    charges: [
      { customer: 3, customerName: 'Customer', quantity: 1000, unitPrice: '15.00', amount: '15000.00' },
      { customer: 2, customerName: 'Reseller', quantity: 1000, unitPrice: '10.00', amount: '10000.00' }
    ]
  })
  t.strictSame(await balances(host), { 1: '0', 2: '0', 3: '0', 4: '0' })
  t.strictSame(await host.sql('select from transactions'), [])
})

t.test('loses no cent in concurrent loads for siblings', async t => {
  const host = await demoHost(t)
  await Promise.all(Array.from({ length: 50 }, async (_, index) => {
    const [customer, numberClass] = index % 2 === 0 ? [3, 2] : [4, 1]
    const answer = await call(host.app, {
      start: `80000${String(index).padStart(2, '0')}00`, end: `80000${String(index).padStart(2, '0')}99`,
      class: numberClass, ingroup: 1, customer, charge_customer: 1
    })
    t.match(answer, { data: { count: 100 } })
  }))
  t.strictSame(await balances(host), { 1: '0', 2: '-27500.00', 3: '-37500.00', 4: '-2500.00' })
  t.strictSame(await host.sql(`
    select customers.id from customers left join transactions on customer = customers.id
    group by customers.id having balance <> coalesce(sum(amount), 0)`), [])
  t.match(await host.sql('select count(*)::integer as count, sum(charged) as charged from loads'), [
    { count: 50, charged: '67500.00' }
  ])
  t.strictSame(await host.sql(`
    select customer from (
      select customer, balance_after - amount as before, lag(balance_after, 1, 0) over (partition by customer order by id) as previous
      from transactions) as chained
    where before <> previous`), [], 'every balance follows from the one before it')
})

t.test('calculates exact amounts for six decimals and a million numbers', async t => {
  const host = await demoHost(t)
  const purchase = { start: '9000000', end: '9999999', class: 1, ingroup: 1, customer: 3, charge_customer: true, validation: true }
  await fc.assert(fc.asyncProperty(fc.bigInt({ min: 0n, max: 10n ** 12n }), async millionths => {
    const price = `${millionths / 1_000_000n}.${String(millionths % 1_000_000n).padStart(6, '0')}`
    await host.sql('update plan_classes set signup = $1 where plan = 2 and class = 1', [price])
    const { charges } = await host.app.telcoNumbers.create(purchase)
    t.equal(charges[0]?.amount, `${millionths}.000000`)
  }), { numRuns: 25 })
})

t.test('leaves nothing of a charged load whose connection is killed', async t => {
  const host = await demoHost(t)
  // The load has inserted all its numbers and waits for the lock on the balances.
  const session = await openSession(t, host)
  await session.query('begin; select from customers where id = 2 for update')
  const answer = call(host.app, { ...COUNT_1000, class: 1, customer: 3, charge_customer: 1 })
  const [backend] = await session.waitedFor()
  await session.query(`select pg_terminate_backend(${backend})`)
  t.match(await answer, { responses: [{ code: '503', key: '' }] })
  await session.query('rollback')
  for (const table of ['loads', 'numbers', 'transactions']) t.strictSame(await host.sql(`select from ${table}`), [], table)
  t.strictSame(await balances(host), { 1: '0', 2: '0', 3: '0', 4: '0' })
})

t.test('refuses a load whose plans change to different currencies while it runs', async t => {
  const host = await demoHost(t)
  const session = await openSession(t, host)
  await session.query(`begin; select from customers where id = 2 for update; update plans set currency = 'USD' where id = 2`)
  const answer = call(host.app, { ...COUNT_1000, class: 1, customer: 3, charge_customer: 1 })
  await session.waitedFor()
  await session.query('commit')
  t.strictSame(keysOf(await answer), ['charge_customer'])
  t.strictSame(await host.sql('select from numbers'), [])
})

t.test('writes nothing at all if a charge is refused', async t => {
  const host = await demoHost(t)
  await host.sql('delete from plan_classes')
  t.strictSame(keysOf(await call(host.app, { ...COUNT_1000, class: 1, customer: 3, charge_customer: 1 })), ['charge_customer'])
  t.match(await host.sql(`select pg_relation_size('numbers') as size`), [{ size: '0' }])
})
