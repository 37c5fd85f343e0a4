/** An encoded ASCII character of a URL or of a JSON string. */
const ENCODED = /%([2-7][0-9a-f])|\\u00([2-7][0-9a-f])/gi

/** The name of a credential, however a client has misspelt one half of it. */
const NAME = /^auth[_-]|pass?w(?:or)?d$/i

/** Such a name before its value, in a query, in a form or in JSON, itself quoted or not, and all that follows. */
const CREDENTIAL = /(?:auth[_-]\w{0,40}|pass?w(?:or)?d)[\\"'\s]{0,8}[=:].*$/is

/** Where parameters or a JSON object begin. */
const PARAMETERS = /[?;#&={].*$/s

/** The path of an endpoint, and its parameters, which have credentials even if all names are misspelt. */
const ENDPOINT = /(numbers\/system\/[^?;#&=\s"']*)(?:[?;#&=].*)?$/is

/** What holds a query or a body, beside a property that has the path. */
const PARAMETERS_OF_REQUEST = /query|body|^data$/i

/** Where an attribute with its type, or a list of values, has its text. */
const VALUE = /^(?:value|\d+)$/

const REDACTED = '[redacted]'

/**
 * Removes credentials of requests to the endpoints from what an error collector or a tracer is about to send. It changes a report
 * in place, in plain objects and arrays of any depth, and returns it: the report is an envelope or event of Sentry, a span of
 * OpenTelemetry, or the like. Text with a credential loses all that follows the path, as the URL in the log of the plugin does.
 */
export function redactCredentials<Report> (report: Report): Report {
  if (typeof report === 'object' && report !== null) redactProperties(report, new WeakSet())
  return report
}

function redactProperties (object: object, seen: WeakSet<object>, isSecret = false): void {
  if (seen.has(object)) return
  seen.add(object)
  const isOfEndpoint = Object.values(object).some(value => ENDPOINT.test(decode(textOf(value))))
  for (const [name, value] of Object.entries(object) as Array<[string, unknown]>) {
    const secret = NAME.test(name) || (isOfEndpoint && PARAMETERS_OF_REQUEST.test(name)) || (isSecret && VALUE.test(name))
    if (typeof value === 'string') {
      const redacted = secret && value !== '' ? REDACTED : redactText(value)
      if (redacted !== value) Object.assign(object, { [name]: redacted })
    } else if (isPlain(value)) redactProperties(value, seen, secret)
  }
}

/** Returns a property's text, which some collectors wrap: `{ value, type }`. */
function textOf (value: unknown): string {
  if (typeof value === 'string') return value
  return isPlain(value) && 'value' in value && typeof value.value === 'string' ? value.value : ''
}

function isPlain (value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Array.isArray(value)
}

function redactText (text: string): string {
  const decoded = decode(text)
  const path = decoded.replace(ENDPOINT, '$1')
  const kept = CREDENTIAL.test(path) ? path.replace(PARAMETERS, '').replace(CREDENTIAL, '') : path
  return kept === decoded ? text : `${kept}${REDACTED}`
}

function decode (text: string): string {
  return text.replace(ENCODED, (_, percent: string | undefined, unicode: string) => (
    String.fromCharCode(Number.parseInt(percent ?? unicode, 16))))
}
