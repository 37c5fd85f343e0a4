import type { Test } from 'tap'
import type { TelcoNumbersOptions } from '../../lib/index.js'
import { callOf, demoHost, PATH, type Answer, type TestHost } from './host.js'

/** A host with all endpoints, and with load 1: ten thousand numbers with aliases. */
export async function numbersHost (t: Test, options: TelcoNumbersOptions = {}): Promise<TestHost> {
  const host = await demoHost(t, { endpoints: ['create', 'get', 'list', 'update', 'delete'], ...options })
  await host.app.telcoNumbers.create({ start: '2125550000', end: '2125559999', class: 1, ingroup: 1, alias: '+10000', region: 1 })
  return host
}

/** Calls an endpoint by its name, and returns the envelope with the HTTP status. */
export async function send (
  { app }: TestHost, name: string, parameters: Record<string, string | number>
): Promise<Answer & { readonly status: number }> {
  const reply = await app.inject(callOf(parameters).replace(PATH, `/api/json/numbers/system/${name}`))
  return { status: reply.statusCode, ...reply.json<Answer>() }
}

/** Returns the row of a number, `undefined` if it does not exist. */
export async function rowOf ({ sql }: TestHost, number: string): Promise<unknown> {
  return (await sql('select * from numbers where number = $1', [number]))[0]
}
