// npm run move-data
import { messageOf } from '../errors.js'
import { readConfiguration } from '../config/configuration.js'
import { withDotEnv } from '../config/dot-env.js'
import { moveEmbedded } from './move-embedded.js'

try {
  process.stdout.write(await moveEmbedded(readConfiguration(withDotEnv(process.env))))
} catch (error) {
  process.stderr.write(`fastify-telco-numbers: ${messageOf(error)}\n`)
  process.exitCode = 1
}
