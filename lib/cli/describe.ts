import type { Charge } from '../repository/charges.js'
import type { LoadRecord, TransactionRecord } from '../repository/loads.js'
import type { PersonRecord } from '../repository/people-administration.js'

/** Returns a line that describes a load. */
export function describeLoad (load: LoadRecord): string {
  return [
    `load ${load.id}`,
    load.createdAt.toISOString(),
    load.count === 1 ? load.start : `${load.start} to ${load.end} (${load.count})`,
    ...load.alias === null ? [] : [`aliases from ${load.alias}`],
    `class ${load.class}`,
    `ingroup ${load.ingroup}`,
    ...load.customer === null ? [] : [`customer ${load.customer}`],
    ...load.region === null ? [] : [`region ${load.region}`],
    load.stype,
    ...load.chargeCustomer ? [`charged ${load.charged}`] : [],
    `by ${load.person ?? 'host code'}`,
    ...load.source === null ? [] : [`from ${load.source}`],
    ...load.undoneAt === null ? [] : [`undone ${load.undoneAt.toISOString()} by ${load.undoneBy ?? 'host code'}`]
  ].join(', ')
}

/** Returns a line that describes a transaction. */
export function describeTransaction ({
  customer, customerName, quantity, unitPrice, amount, balanceAfter, text
}: TransactionRecord): string {
  return `  customer ${customer} (${customerName}): ${quantity} x ${unitPrice} = ${amount}, balance after ${balanceAfter}, ${text}`
}

/** Returns a line that describes what one payer pays; `pays` is the verb. */
export function describeCharge ({ customer, customerName, quantity, unitPrice, amount }: Charge, pays: string): string {
  return `customer ${customer} (${customerName}) ${pays} ${quantity} x ${unitPrice} = ${amount}`
}

/** Returns a line that describes a person. */
export function describePerson ({ username, enabled, role }: PersonRecord): string {
  return `${username}, role ${role.id} "${role.name}" (${role.privileges.join(', ') || 'no privilege'}), ${enabled ? 'enabled' : 'disabled'}`
}
