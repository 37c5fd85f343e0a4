/** An encoded ASCII character of a URL or of a JSON string. */
const ENCODED = /%([2-7][0-9a-f])|\\u00([2-7][0-9a-f])/gi

/** The name of a credential, even if a client has misspelt one half of it. */
const NAME = /^auth[_-]|pass?w(?:or)?d$/i

/** Such a name before its value, in a query, in a form or in JSON, quoted or not, and everything that follows. */
const CREDENTIAL = /(?:auth[_-]\w{0,40}|pass?w(?:or)?d)[\\"'\s]{0,8}[=:].*$/is

/** The beginning of parameters or of a JSON object, and everything that follows. */
const PARAMETERS = /[?;#&={].*$/s

/** The path of an endpoint. It never fails at its end, so that no text is searched again from the next of many paths. */
const ENDPOINT = /numbers\/system\/[^?;#&=\s"']*/gi

/** Names of properties that contain a query or a body, beside a property with the path. */
const PARAMETERS_OF_REQUEST = /query|body|^data$/i

/** Names of properties that contain the text of a typed attribute, or of an item of a list. */
const VALUE = /^(?:value|\d+)$/

const REDACTED = '[redacted]'

/**
 * Removes credentials of requests to the endpoints from the report that an error collector or a tracer is about to send. It
 * changes the report in place, in plain objects and arrays of any depth, and returns it. A report is a Sentry envelope or event,
 * an OpenTelemetry span, or the like. Text with a credential loses everything after the path, as the URL in the log of the plugin
 * does.
 */
export function redactCredentials<Report> (report: Report): Report {
  if (typeof report === 'object' && report !== null) redactProperties(report, new WeakSet())
  return report
}

function redactProperties (object: object, seen: WeakSet<object>, isSecret = false): void {
  if (seen.has(object)) return
  seen.add(object)
  const isOfEndpoint = Object.values(object).some(value => endOfPath(decode(textOf(value))) !== undefined)
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
  const path = decoded.slice(0, endOfPath(decoded))
  const kept = CREDENTIAL.test(path) ? path.replace(PARAMETERS, '').replace(CREDENTIAL, '') : path
  return kept === decoded ? text : `${kept}${REDACTED}`
}

/**
 * Returns where the path of an endpoint ends that is the last part of a text or has parameters, which contain credentials even if
 * all names are misspelt.
 */
function endOfPath (text: string): number | undefined {
  for (const { 0: path, index } of text.matchAll(ENDPOINT)) {
    const end = index + path.length
    if (end === text.length || '?;#&='.includes(text.charAt(end))) return end
  }
  return undefined
}

function decode (text: string): string {
  return text.replace(ENCODED, (_, percent: string | undefined, unicode: string) => (
    String.fromCharCode(Number.parseInt(percent ?? unicode, 16))))
}
