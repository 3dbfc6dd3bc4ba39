import type { Route } from '../http/route.ts'
import type { Services } from '../services.ts'
import { adminRoutes } from './admin.ts'
import { collectionRoutes } from './collections.ts'
import { connectorTypeRoutes } from './connector-types.ts'
import { connectorRoutes } from './connectors.ts'
import { documentRoutes } from './documents.ts'
import { fileRoutes } from './files.ts'
import { hookRoutes } from './hooks.ts'
import { mcpRoutes } from './mcp.ts'
import { oauthRoutes } from './oauth.ts'
import { searchRoutes } from './search.ts'
import { syncRoutes } from './sync.ts'
import { systemRoutes } from './system.ts'
import { trialRoutes } from './trials.ts'
import { webhookRoutes } from './webhooks.ts'

/** Every route there is. */
export function allRoutes(services: Services, ready: () => boolean): readonly Route[] {
  const routes: readonly Route[] = [
    ...connectorRoutes(services),
    ...trialRoutes(services),
    ...oauthRoutes(services),
    ...syncRoutes(services),
    ...documentRoutes(services),
    ...fileRoutes(services),
    ...collectionRoutes(services),
    ...searchRoutes(services),
    ...connectorTypeRoutes(services),
    ...webhookRoutes(services),
    ...hookRoutes(services),
    ...mcpRoutes(services),
    ...adminRoutes(services),
    ...systemRoutes(services, ready, () => routes),
  ]
  return routes
}
