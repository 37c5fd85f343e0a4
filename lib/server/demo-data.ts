import type { Pool } from 'pg'
import { Database } from '../database/database.js'
import { hashPassword } from '../people/passwords.js'
import { insertPerson } from '../repository/people-administration.js'

/** The password of every person of the demo data. */
export const DEMO_PASSWORD = 'password'

const LIMITS = { lockTimeout: 10_000, statementTimeout: 30_000 }

const INSERT_DEMO_DATA = `
  insert into :"schema".roles (id, name) values (1, 'System owner'), (2, 'User');
  insert into :"schema".roles_access (role, privilege) values (1, 'system'), (1, 'numbers'), (2, 'numbers');
  insert into :"schema".plans (id, name, currency) values
    (1, 'Reseller', 'EUR'), (2, 'Retail', 'EUR'), (3, 'Without prices', 'EUR');
  insert into :"schema".customers (id, name, parent, plan) values
    (1, 'System owner', null, null), (2, 'Reseller', 1, 1), (3, 'Customer', 2, 2), (4, 'Unpriced customer', 2, 3);
  insert into :"schema".classes (id, name, customer) values (1, 'Normal', null), (2, 'Gold', null), (3, 'Reserved', 3);
  insert into :"schema".plan_classes (plan, class, signup, fee) values
    (1, 1, 1.00, 0.50), (1, 2, 10.00, 5.00), (2, 1, 1.50, 0.75), (2, 2, 15.00, 7.50);
  insert into :"schema".ingroups (id, name) values (1, 'Toll-free'), (2, 'New York'), (3, 'London');
  insert into :"schema".regions (id, name) values (1, 'Americas'), (2, 'Europe');
`

const DEMO_PEOPLE = [{ username: 'user', role: 1 }, { username: 'clerk', role: 2 }]

// So that later rows get identifiers after those of the demo data.
const MOVE_IDENTITIES = ['roles', 'plans', 'customers', 'classes', 'ingroups', 'regions'].map(table => (
  `select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`))

/**
 * Adds the people, customers, classes and groups of the documentation to a schema, and returns `true`. If the schema has a role,
 * it is in use: nothing is added, and the result is `false`. `demoHash` is the hash of the demo password.
 */
export async function seedDemoData (pool: Pool, schema: string, demoHash = hashPassword(DEMO_PASSWORD)): Promise<boolean> {
  const passwordHash = await demoHash
  return await new Database({ pool, schema, limits: LIMITS }).transaction(async query => {
    await query('lock table :"schema".roles in share row exclusive mode')
    if ((await query('select from :"schema".roles limit 1')).rows.length > 0) return false
    await query(INSERT_DEMO_DATA)
    await query('set local search_path = :"schema"')
    for (const statement of MOVE_IDENTITIES) await query(statement)
    for (const person of DEMO_PEOPLE) await insertPerson(query, { ...person, passwordHash })
    return true
  })
}
