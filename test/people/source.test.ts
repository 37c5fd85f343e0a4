import t from 'tap'
import { networkOf, sourceOf } from '../../lib/people/source.js'

t.test('returns an address, or null on a Unix socket', async t => {
  t.equal(sourceOf({ ip: '192.0.2.1' }), '192.0.2.1')
  t.equal(sourceOf({ ip: undefined }), null)
  t.equal(sourceOf({ ip: '\x9b31m' }), '\\u009b31m', 'a terminal does not obey a header that is trusted')
})

t.test('puts addresses that one caller can choose from into one network', async t => {
  const same = [
    ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201'],
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:0DB8:0001:0002::'],
    ['fe80::1', 'fe80::2%eth0']
  ]
  for (const addresses of same) t.equal(new Set(addresses.map(networkOf)).size, 1, addresses.join(' '))
})

t.test('distinguishes all other sources, including texts that are not addresses', async t => {
  const sources = ['192.0.2.1', '192.0.2.2', '2001:db8:1:2::1', '2001:db8:1:3::1', '::1', 'unknown', 'unknown 2', null]
  t.equal(new Set(sources.map(networkOf)).size, sources.length)
})
