import pg from 'pg'

/** What a connection string is. */
export const CONNECTION_STRING_HINT = 'must be a connection string that begins with postgres:// or postgresql://'

const SCHEME = /^postgres(?:ql)?:\/\//

/** Where `#`, `/` and `?` of a password end it: what is left has no user, or a fragment, which means nothing to PostgreSQL. */
const CUT_PASSWORD = /^[^/]*\/\/[^/?#@]*[/?][^?=]*@|#/

/** Returns why a text is not a connection string of PostgreSQL, or `undefined`. The text, which has a password, is not quoted. */
export function describeConnectionString (text: string): string | undefined {
  if (!SCHEME.test(text)) return CONNECTION_STRING_HINT
  return CUT_PASSWORD.test(text) || !isParsable(text)
    ? 'must be a valid URL whose username and password are percent-encoded: %23 for #, %2F for /, %3F for ?'
    : undefined
}

// The pool itself would only throw at its first connection. The parser's error is not passed on: it contains the password.
function isParsable (connectionString: string): boolean {
  try {
    new pg.Client({ connectionString })
    return true
  } catch {
    return false
  }
}
