// Run by startHost as a separate process: the servers that are fuzzed.
import { runHost } from './host.js'

await runHost()
