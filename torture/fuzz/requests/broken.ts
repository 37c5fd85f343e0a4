const LINE = 'POST /api/json/numbers/system/create HTTP/1.1\r\nHost: localhost\r\n'
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n'

/** Bytes that are not a request of HTTP, one byte a character. They must have no effect. */
export const BROKEN: readonly string[] = [
  'get /api/json/numbers/system/create HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'FOO /api/json/numbers/system/create HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /api/json/numbers/system/create HTTP/9.9\r\nHost: localhost\r\n\r\n',
  'GET /api/json/numbers/system/create?start=1 2 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /api/json/numbers/system/create?start=\0 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /api/json/numbers/system/create HTTP/1.1\r\n\r\n',
  `${LINE}${FORM}Content-Length: x\r\n\r\n`,
  `${LINE}${FORM}Content-Length: -1\r\n\r\n`,
  `${LINE}${FORM}Content-Length: 3\r\nContent-Length: 4\r\n\r\na=1`,
  `${LINE}${FORM}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `${LINE}${FORM}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  `${LINE}${FORM}Transfer-Encoding: gzip\r\n\r\na=1`,
  `${LINE}Broken Header: x\r\n\r\n`,
  `${LINE}X: a\0b\r\n\r\n`,
  `${LINE}${'Xxxxxxxx: yyyyyyyy\r\n'.repeat(3_000)}\r\n`,
  `${LINE}X: ${'y'.repeat(60_000)}\r\n\r\n`,
  '\r\n\r\n\0\x01\x02',
  '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '{"start":"1"}\r\n\r\n'
]
