/** The folder of the repository, where tap runs the tests. */
export const ROOT = process.cwd()
