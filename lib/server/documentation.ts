import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { ENVELOPE_ID } from '../http/envelope.js'

/** The version of the specification that the endpoints follow. */
const SPECIFICATION = '3.13'

// Without "upgrade-insecure-requests", which breaks the page over plain HTTP. Swagger UI sets inline styles.
const CONTENT_SECURITY_POLICY = [
  'default-src \'self\'', 'img-src \'self\' data:', 'style-src \'self\' \'unsafe-inline\'', 'object-src \'none\'',
  'base-uri \'none\'', 'frame-ancestors \'none\''
].join('; ')

/**
 * Serves the OpenAPI description of the endpoints: `/documentation` for people, `/documentation/json` for programs. It must be
 * called before the routes that it describes are added.
 */
export async function serveDocumentation (app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    refResolver: { buildLocalReference: () => ENVELOPE_ID },
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'fastify-telco-numbers',
        description: 'Loads telephone number ranges into PostgreSQL.',
        version: SPECIFICATION
      }
    }
  })
  await app.register(swaggerUi, {
    routePrefix: '/documentation',
    logLevel: 'warn',
    staticCSP: CONTENT_SECURITY_POLICY,
    // Otherwise the page sends the description to a validator on the internet.
    uiConfig: { docExpansion: 'list', validatorUrl: null }
  })
}
