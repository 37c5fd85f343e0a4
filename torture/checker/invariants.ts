/** A condition that always holds. Its SQL selects every case in which it does not, as a sentence `violation`. */
export interface Invariant {
  readonly name: string
  readonly sql: string
}

/** The shortest time limit of the plugin, that for connecting: a 503 without a fault takes at least as long. */
const MIN_WAIT_MS = 2_500

/** The plugin's timers and the caller's clock differ by a few milliseconds. */
const CLOCK_TOLERANCE_MS = 100

// The sign of an alias and its digits.
const SIGN = `case when loads.alias like '+%' then '+' else '' end`
const DIGITS = `ltrim(loads.alias, '+')`

// The size of a range, computed from its ends alone.
const SIZE = `(loads."end"::numeric - loads.start::numeric + 1)`

// The loads with the sum that each has charged to all payers, without reversals.
const CHARGED = `(
    select loads.*, coalesce(- taken.amount, 0) as taken
    from loads left join (
      select load, sum(amount) as amount from transactions where quantity > 0 group by load
    ) as taken on taken.load = loads.id
  ) as loads`

// The loads with their requests: each request has its own source.
const MADE = 'loads join history on loads.source = history.source'

// Whether it is unknown if a request took effect: it got no reply, or a 5xx during a fault of the database.
const UNKNOWN = `(outcome <> 'reply' or status >= 500 and "metDatabaseFault")`

/**
 * The invariants of the tables, the table `history` (see `HistoryRow`) and the table `start_balance`. They do not depend on the
 * implementation of the plugin.
 */
export const INVARIANTS: readonly Invariant[] = [
  // A range exists completely or not at all, and every number belongs to exactly one load.
  {
    name: 'a load has all its numbers',
    sql: `
      select format('load %s has %s of its %s numbers', loads.id, coalesce(held.count, 0), ${SIZE}) as violation
      from loads left join (
        select load, count(*) from numbers group by load
      ) as held on held.load = loads.id
      where undone_at is null and coalesce(held.count, 0) < ${SIZE}`
  },
  {
    name: 'a number is in the range of its load',
    sql: `
      select format('number %s is not in load %s', number, numbers.load) as violation
      from numbers left join loads on loads.id = numbers.load
      where loads.id is null or undone_at is not null
        or number < start or number > "end" or length(number) <> length(start)`
  },
  {
    name: 'a number or alias exists once',
    sql: `
      select format('number %s exists %s times', number, count(*)) as violation
      from numbers group by number having count(*) > 1
      union all
      select format('alias %s exists %s times', alias, count(*))
      from numbers where alias is not null group by alias having count(*) > 1`
  },
  {
    name: 'a number has the attributes of its load',
    sql: `
      select format('number %s differs from load %s', number, loads.id) as violation
      from numbers join loads on loads.id = load
      where (numbers.class, numbers.ingroup, numbers.customer, numbers.region, numbers.stype)
        is distinct from (loads.class, loads.ingroup, loads.customer, loads.region, loads.stype)`
  },
  {
    name: 'aliases count up with the numbers',
    sql: `
      select format('number %s of load %s has the alias %s', number, loads.id, numbers.alias) as violation
      from numbers join loads on loads.id = load
      where number between start and "end" and numbers.alias is distinct from ${SIGN} || lpad(
        (${DIGITS}::numeric + number::numeric - start::numeric)::text, length(${DIGITS}), '0')`
  },
  {
    name: 'no number refers to a deleted row',
    sql: `
      with referred as materialized (select distinct class, ingroup, customer, region from numbers)
      select format('numbers refer to the deleted %s %s', name, id) as violation from (
        select 'class' as name, class as id from referred where class not in (select id from classes)
        union all
        select 'ingroup', ingroup from referred where ingroup not in (select id from ingroups)
        union all
        select 'customer', customer from referred where customer not in (select id from customers)
        union all
        select 'region', region from referred where region not in (select id from regions)
      ) as dangling`
  },

  // Counts, transactions and balances agree.
  {
    name: 'the count is the size of the range',
    sql: `
      select format('load %s has the count %s, and the size %s', id, count, ${SIZE}) as violation
      from loads where count <> ${SIZE}`
  },
  {
    name: 'the charge is the sum of the transactions',
    sql: `
      select format('load %s charged %s, and its transactions %s', id, charged, taken) as violation
      from ${CHARGED} where charged <> taken`
  },
  {
    name: 'a load costs its price',
    sql: `
      select format('load %s cost %s', loads.id, taken) as violation
      from ${CHARGED} join history on loads.source = history.source
      where taken <> coalesce(price, 0) * history.count`
  },
  {
    name: 'the amount is quantity times unit price',
    sql: `
      select format('transaction %s: %s times %s is not %s', transactions.id, quantity, unit_price, amount) as violation
      from transactions join loads on loads.id = load
      where amount <> - quantity * unit_price or abs(quantity) <> count`
  },
  {
    name: 'a balance is the sum of its transactions',
    sql: `
      select format('customer %s has %s', customers.id, customers.balance) as violation
      from customers left join start_balance on start_balance.customer = customers.id
        left join (select customer, sum(amount) as amount from transactions group by customer) as moved on moved.customer = customers.id
      where customers.balance <> coalesce(start_balance.balance, 0) + coalesce(moved.amount, 0)`
  },
  {
    name: 'every transaction records the new balance',
    sql: `
      select format('transaction %s records the balance %s', id, balance_after) as violation
      from (
        select id, balance_after, coalesce(balance, 0) + sum(amount) over (partition by transactions.customer order by id) as expected
        from transactions left join start_balance on start_balance.customer = transactions.customer
      ) as ordered
      where balance_after <> expected`
  },
  {
    name: 'an undone load is reversed once',
    sql: `
      select format('load %s: customer %s has %s charges and %s reversals', loads.id, moved.customer, charges, reversals) as violation
      from loads join (
        select load, customer, count(*) filter (where quantity > 0) as charges, count(*) filter (where quantity < 0) as reversals
        from transactions group by load, customer
      ) as moved on moved.load = loads.id
      where reversals <> case when undone_at is null then 0 else charges end`
  },

  // Every confirmed load exists, and every load has a request.
  {
    name: 'a confirmed load exists',
    sql: `
      select format('request %s got 200, but its load does not exist', history.id) as violation
      from history where kind = 'create' and status = 200
        and not exists (select from loads where loads.source = history.source)`
  },
  {
    name: 'a load has a request',
    sql: `
      select format('load %s, from %s, has no request', loads.id, loads.source) as violation
      from loads where not exists (
        select from history where history.source = loads.source
          and kind = 'create' and (status = 200 or ${UNKNOWN}))`
  },
  {
    name: 'a request creates one load',
    sql: `
      select format('%s loads have the source %s', count(*), loads.source) as violation
      from ${MADE} group by loads.source having count(*) > 1`
  },
  {
    name: 'a load has the parameters of its request',
    sql: `
      select format('load %s differs from request %s', loads.id, history.id) as violation
      from ${MADE}
      where (loads.start, loads."end", loads.alias, loads.class, loads.ingroup, loads.customer, loads.region, loads.stype,
          loads.charge_customer)
        is distinct from (history.start, history."end", history.alias, history.class, history.ingroup, history.customer,
          history.region, history.stype, price is not null)`
  },
  {
    name: 'a confirmed undo is permanent',
    sql: `
      select format('load %s was undone, but exists', load) as violation
      from history where kind = 'undo' and status = 200
        and not exists (select from loads where loads.id = history.load and undone_at is not null)`
  },
  {
    name: 'an undone load has one confirmed undo',
    sql: `
      select format('load %s is undone, and %s undos were confirmed', loads.id, confirmed) as violation
      from loads, lateral (
        select count(*) filter (where status = 200) as confirmed,
          count(*) filter (where status = 200 or ${UNKNOWN}) as possible
        from history where kind = 'undo' and history.load = loads.id
      ) as undos
      where undone_at is not null and (confirmed > 1 or possible = 0)`
  },
  {
    name: 'a refusal has a reason',
    sql: `
      select format('request %s was refused for %s', history.id, key) as violation
      from history, unnest(keys) as key
      where status = 400 and not case key
        when 'start' then exists (
          select from loads
          where length(loads.start) = length(history.start) and loads.start <= history."end" and loads."end" >= history.start)
        when 'alias' then exists (
          select from loads
          where length(loads.alias) = length(history.alias) and ltrim(loads.alias, '+')::numeric - ltrim(history.alias, '+')::numeric
            between 1 - loads.count and history.count - 1)
        when 'class' then not exists (select from classes where id = history.class)
        when 'ingroup' then not exists (select from ingroups where id = history.ingroup)
        when 'customer' then not exists (select from customers where id = history.customer)
        when 'region' then not exists (select from regions where id = history.region)
        else false end`
  },

  // Replies and their timing.
  {
    name: 'every request gets a reply',
    sql: `select format('request %s got no reply', id) as violation from history where outcome = 'late'`
  },
  {
    name: 'a connection breaks only if its server was killed',
    sql: `select format('request %s lost its connection', id) as violation from history where outcome = 'broken' and not "metServerFault"`
  },
  {
    name: '503 follows a wait or a fault',
    sql: `
      select format('request %s got 503 after %s ms', id, milliseconds) as violation
      from history where status = 503 and not "metDatabaseFault" and milliseconds < ${MIN_WAIT_MS - CLOCK_TOLERANCE_MS}`
  },
  {
    name: 'a reply has a status of the contract',
    sql: `
      select format('request %s (%s) got %s', id, kind, status) as violation
      from history where outcome = 'reply' and status not in (400, 503) and not (status = 500 and "metUnnamedFault")
        and not case kind when 'create' then status = 200 when 'validate' then status = 201 else status in (200, 409) end`
  },
  {
    name: 'a refusal names a parameter',
    sql: `
      select format('request %s was refused with the keys {%s}', id, array_to_string(keys, ',')) as violation
      from history where status = 400 and (cardinality(keys) = 0 or '' = any(keys))`
  },
  {
    name: 'the reported count is the size of the range',
    sql: `
      select format('request %s got the count %s', id, "reportedCount") as violation
      from history
      where status = 200 and kind = 'create' and "reportedCount" is distinct from count
        or status = 201 and "reportedCount" is distinct from 0`
  }
]
