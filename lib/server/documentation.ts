import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** The version of the specification that the function follows. */
const SPECIFICATION = '3.13'

// Not "upgrade-insecure-requests", with which the page would not work over plain HTTP. Swagger UI sets styles of elements.
const CONTENT_SECURITY_POLICY = [
  'default-src \'self\'', 'img-src \'self\' data:', 'style-src \'self\' \'unsafe-inline\'', 'object-src \'none\'',
  'base-uri \'none\'', 'frame-ancestors \'none\''
].join('; ')

/**
 * Serves the description of the function: `/documentation` to read and try it out, `/documentation/json` for programs.
 * Has to be called before the routes are there that it describes.
 */
export async function serveDocumentation (app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
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
    // Nothing is sent to a validator on the internet.
    uiConfig: { docExpansion: 'list', validatorUrl: null }
  })
}
