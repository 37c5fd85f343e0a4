import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const FILES = readdirSync('lib', { recursive: true }).filter(file => file.endsWith('.ts')).map(file => join('lib', file))

/** Every test may cover all of lib; what a test runs of the built package does not count. */
export default () => FILES
