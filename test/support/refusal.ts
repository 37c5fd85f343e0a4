import { InvalidParametersError } from '../../lib/errors.js'

/** The keys of the issues for which a call is refused. */
export async function keysOfRefusal (refused: Promise<unknown>): Promise<string[]> {
  try {
    await refused
  } catch (error) {
    if (error instanceof InvalidParametersError) return error.issues.map(problem => problem.key)
    throw error
  }
  throw new Error('the call was not refused')
}
