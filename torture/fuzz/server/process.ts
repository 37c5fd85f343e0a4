// Run by startHost as a process of its own: the servers that are fuzzed.
import { runHost } from './host.js'

await runHost()
