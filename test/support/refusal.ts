import { InvalidParametersError } from '../../lib/errors.js'

/** Returns the keys of the issues of a refused call. */
export async function keysOfRefusal (refused: Promise<unknown>): Promise<string[]> {
  try {
    await refused
  } catch (error) {
    if (error instanceof InvalidParametersError) return error.issues.map(issue => issue.key)
    throw error
  }
  throw new Error('the call was not refused')
}
