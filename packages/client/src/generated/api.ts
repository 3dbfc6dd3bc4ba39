// Made from the OpenAPI document by apps/server/scripts/client-types.ts. Do not edit: run that again.

/** Every code an error of the API can have. */
export type ErrorCode = 'invalid_request' | 'unauthorized' | 'forbidden' | 'not_found' | 'conflict' | 'payload_too_large' | 'unsupported_operation' | 'rate_limit_exceeded' | 'internal_error' | 'unavailable'

export type ConnectorSummary = {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly status: 'active' | 'paused' | 'error' | 'inactive'
  /** Id of the collection. */
  readonly collection: string
  readonly collectionName: string
  /** When the last sync ended. */
  readonly lastSync: string | null
  readonly lastSyncStatus: 'queued' | 'running' | 'completed' | 'partial' | 'failed' | 'cancelled' | 'needs_confirmation' | null
  readonly createdAt: string
}

export type Connector = {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly status: 'active' | 'paused' | 'error' | 'inactive'
  /** Id of the collection. */
  readonly collection: string
  readonly collectionName: string
  /** When the last sync ended. */
  readonly lastSync: string | null
  readonly lastSyncStatus: 'queued' | 'running' | 'completed' | 'partial' | 'failed' | 'cancelled' | 'needs_confirmation' | null
  readonly createdAt: string
  /** Fields that the connector type marks as secret are left out. */
  readonly config: Readonly<Record<string, unknown>>
  readonly enabled: boolean
  readonly hasCredentials: boolean
  /** Which way in is stored, with masked hints; never the credentials. */
  readonly credentials: {
    readonly method: string
    readonly hints: Readonly<Record<string, string>>
  } | null
  /** Where the source can tell of changes; null where its type cannot. */
  readonly webhook: {
    /** A path of this host, unless CX_PUBLIC_URL says where others reach it. */
    readonly url: string
    /** Without one everything is refused. */
    readonly hasSecret: boolean
    /** Where this host registers itself at the source. */
    readonly subscription: {
      readonly active: boolean
      readonly expiresAt: string | null
      readonly lastError: string | null
    } | null
  } | null
  /** Its own OAuth client; null where it uses the one of this server, or none. */
  readonly oauthClient: {
    readonly clientId: string
  } | null
  readonly lastError: {
    readonly code: string
    readonly message: string
    readonly at: string
  } | null
  /** A cron expression. */
  readonly schedule: string | null
  readonly timezone: string
  /** The next scheduled run; null without a schedule, and while it is paused. */
  readonly nextSyncAt: string | null
  readonly limits: {
    readonly maxFileBytes: number
  }
  readonly updatedAt: string
}

export type TestResult = {
  readonly success: boolean
  readonly account?: string
  readonly message: string
  readonly latencyMs: number
  readonly checks: readonly ({
    readonly capability: string
    readonly status: 'ok' | 'failed' | 'skipped'
    readonly message: string
    readonly remediation?: string
  })[]
}

export type StartedJob = {
  readonly jobId: string
  readonly status: 'queued' | 'running' | 'completed' | 'partial' | 'failed' | 'cancelled' | 'needs_confirmation'
  readonly startedAt: string
}

export type Progress = {
  readonly listed: number
  /** Content fetched. */
  readonly collected: number
  readonly parsed: number
  readonly indexed: number
  readonly unchanged: number
  readonly skipped: number
  readonly failed: number
  readonly deleted: number
  readonly bytes: number
  /** Entries expected, when known. */
  readonly total?: number
  /** When known. */
  readonly etaSeconds?: number
  /** Chunks that got a vector since the job began, after its end too; with embeddings. */
  readonly embedded?: number
}

export type SyncJob = {
  readonly jobId: string
  readonly connectorId: string
  readonly kind: 'sync' | 'permissions' | 'retry' | 'confirm'
  readonly mode: 'auto' | 'full' | 'incremental' | null
  readonly status: 'queued' | 'running' | 'completed' | 'partial' | 'failed' | 'cancelled' | 'needs_confirmation'
  readonly progress: Progress
  readonly attempt: number
  /** When the job was accepted. */
  readonly startedAt: string
  readonly completedAt?: string
  readonly error?: {
    readonly code: string
    readonly message: string
  }
  /** Parts of the source that could not be read; nothing under them was deleted. */
  readonly unreadable?: readonly {
    readonly path: string
    readonly code: string
    readonly message: string
  }[]
  /** Held back until `confirm`. */
  readonly pendingDeletions?: number
}

export type SyncFailure = {
  readonly documentId: string
  readonly path: string
  readonly stage: string
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly attempts: number
  readonly nextAttemptAt: string | null
}

export type Document = {
  readonly id: string
  readonly connectorId: string
  readonly collection: string
  /** The source's own id. */
  readonly sourceId: string
  readonly path: string
  readonly title: string | null
  readonly url: string | null
  readonly author: string | null
  readonly status: 'pending' | 'indexed' | 'failed' | 'skipped' | 'deleted'
  readonly error: {
    readonly stage: string
    readonly code: string
    readonly message: string
    readonly attempts: number
    readonly nextAttemptAt: string | null
  } | null
  readonly version: string
  readonly contentType: string | null
  readonly size: number | null
  readonly language: string | null
  readonly pages: number | null
  readonly chunks: number
  readonly contentHash: string | null
  /** The mail or archive it came out of. */
  readonly parentId: string | null
  readonly metadata: Readonly<Record<string, unknown>>
  readonly sourceCreatedAt: string | null
  readonly sourceUpdatedAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
  readonly indexedAt: string | null
  readonly deletedAt: string | null
}

export type Chunk = {
  readonly id: string
  readonly position: number
  readonly text: string
  readonly headings: readonly string[]
  readonly page: number | null
}

export type Access = {
  readonly allowed: boolean
  readonly message: string
  /** Who the person is at the source, with all groups. */
  readonly principals: readonly ({
    readonly type: 'user' | 'group' | 'domain' | 'anyone'
    readonly id?: string
    readonly email?: string
  })[]
  /** One for each set of the access list: through whom the person is in it, or null. */
  readonly matches: readonly ({
    readonly type: 'user' | 'group' | 'domain' | 'anyone'
    readonly id?: string
    readonly email?: string
  } | null)[]
  readonly denied: {
    readonly type: 'user' | 'group' | 'domain' | 'anyone'
    readonly id?: string
    readonly email?: string
  } | null
}

export type File = {
  readonly path: string
  readonly size: number | null
  readonly contentType: string | null
  readonly lastModified: string | null
  readonly version: string
  readonly documentId: string | null
  /** `pending` until a sync has taken it. */
  readonly status: 'pending' | 'indexed' | 'failed' | 'skipped' | 'deleted'
  readonly error?: string
}

export type Collection = {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly embedding: {
    readonly baseUrl: string
    readonly model: string
    readonly dimensions: number
  } | null
  readonly counts: {
    readonly connectors: number
    readonly documents: number
    readonly chunks: number
    /** Chunks with a vector. */
    readonly embedded: number
  }
  readonly createdAt: string
  readonly updatedAt: string
  /** Why chunks get no vectors just now; it is tried again. */
  readonly embeddingError?: {
    readonly code: string
    readonly message: string
    readonly at: string
  }
}

export type SearchResult = {
  readonly documentId: string
  readonly chunkId: string
  readonly title: string
  readonly url: string | null
  readonly path: string
  /** HTML-escaped, with matches between <mark> and </mark>. */
  readonly snippet: string
  readonly score: number
  readonly connector: string
  readonly collection: string
  readonly position: number
  readonly updatedAt: string | null
}

export type ConnectorType = {
  readonly type: string
  readonly title: string
  readonly description: string
  /** JSON Schema of `config`. */
  readonly config: Readonly<Record<string, unknown>>
  readonly auth: readonly ({
    readonly method: string
    readonly kind: 'secret' | 'oauth2' | 'none'
    readonly title: string
    readonly schema?: Readonly<Record<string, unknown>>
    readonly scopes?: readonly string[]
  })[]
  readonly capabilities: Readonly<Record<string, boolean>>
}

export type Webhook = {
  readonly id: string
  readonly url: string
  readonly description: string
  readonly events: readonly ('sync.started' | 'sync.completed' | 'sync.partial' | 'sync.failed' | 'sync.needs_confirmation' | 'document.indexed' | 'document.updated' | 'document.deleted' | 'document.failed' | 'connector.created' | 'connector.updated' | 'connector.deleted' | 'connector.error')[]
  /** Ids of the collections it is told of; null means all. */
  readonly collections: readonly string[] | null
  readonly enabled: boolean
  readonly createdAt: string
  readonly updatedAt: string
  /** What deliveries are signed with: shown once. */
  readonly secret?: string
}

export type WebhookTest = {
  readonly success: boolean
  /** HTTP status of the answer. */
  readonly status: number | null
  readonly latencyMs: number
  readonly message: string
  readonly deliveryId: string
}

export type WebhookDelivery = {
  /** Of the event; sent as X-Webhook-Id with every attempt. */
  readonly id: string
  readonly webhookId: string
  readonly event: 'sync.started' | 'sync.completed' | 'sync.partial' | 'sync.failed' | 'sync.needs_confirmation' | 'document.indexed' | 'document.updated' | 'document.deleted' | 'document.failed' | 'connector.created' | 'connector.updated' | 'connector.deleted' | 'connector.error' | 'webhook.test'
  /** `dead`: every attempt failed. */
  readonly status: 'pending' | 'delivered' | 'dead'
  readonly attempts: number
  /** HTTP status of the last answer. */
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly latencyMs: number | null
  readonly nextAttemptAt?: string | null
  readonly createdAt: string
  readonly completedAt?: string | null
  /** The body as it is sent. */
  readonly payload: Readonly<Record<string, unknown>>
}

export type ApiKey = {
  readonly id: string
  readonly name: string
  readonly role: 'admin' | 'editor' | 'viewer'
  /** Ids of the collections it is limited to; null means all. */
  readonly collections: readonly string[] | null
  readonly scopes: readonly string[]
  /** How the key begins. */
  readonly hint: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  /** The key itself: shown once, when it is made. */
  readonly key?: string
}

export type AuditEvent = {
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly details: unknown
}

/** What each operation takes and gives. `data` of a list is one of its items. */
export interface Operations {
  /** List connectors. */
  listConnectors: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
      readonly type?: string
      /** Id or name. */
      readonly collection?: string
      readonly status?: 'active' | 'paused' | 'error' | 'inactive'
    }
    body: undefined
    data: ConnectorSummary
  }
  /** Create a connector. */
  createConnector: {
    query: undefined
    body: {
      readonly name: string
      /** One of GET /connector-types. */
      readonly type: string
      /** Id or name. */
      readonly collection: string
      /** As the connector type describes it. */
      readonly config: Readonly<Record<string, unknown>>
      /** One of the ways in of the connector type; `method` says which where it is not plain. */
      readonly credentials?: Readonly<Record<string, unknown>>
      /** What the source signs its webhooks with, where the source chooses it; null refuses them. POST …/webhook-secret makes one. */
      readonly webhookSecret?: string | null
      /** This connector's own OAuth client instead of the one of this server; null takes it away. The addresses replace the connector type's, for private clouds. */
      readonly oauthClient?: {
        readonly clientId: string
        readonly clientSecret?: string
        readonly authorizationUrl?: string
        readonly tokenUrl?: string
        readonly revocationUrl?: string
      } | null
      /** False pauses it. */
      readonly enabled?: boolean
      /** A cron expression, or null. */
      readonly schedule?: string | null
      /** IANA name; UTC unless told. */
      readonly timezone?: string
      readonly limits?: {
        readonly maxFileBytes?: number
      }
    }
    data: Connector
  }
  /** Show a connector. */
  getConnector: {
    query: undefined
    body: undefined
    data: Connector
  }
  /** Change a connector. */
  updateConnector: {
    query: undefined
    body: {
      readonly name?: string
      /** Cannot change. */
      readonly type?: string
      /** Cannot change. */
      readonly collection?: string
      /** Merged one level deep; null removes a key. */
      readonly config?: Readonly<Record<string, unknown>>
      /** One of the ways in of the connector type; `method` says which where it is not plain. */
      readonly credentials?: Readonly<Record<string, unknown>>
      /** What the source signs its webhooks with, where the source chooses it; null refuses them. POST …/webhook-secret makes one. */
      readonly webhookSecret?: string | null
      /** This connector's own OAuth client instead of the one of this server; null takes it away. The addresses replace the connector type's, for private clouds. */
      readonly oauthClient?: {
        readonly clientId: string
        readonly clientSecret?: string
        readonly authorizationUrl?: string
        readonly tokenUrl?: string
        readonly revocationUrl?: string
      } | null
      /** False pauses it. */
      readonly enabled?: boolean
      /** A cron expression, or null. */
      readonly schedule?: string | null
      /** IANA name; UTC unless told. */
      readonly timezone?: string
      readonly limits?: {
        readonly maxFileBytes?: number
      }
    }
    data: Connector
  }
  /** Delete a connector. */
  deleteConnector: {
    query: undefined
    body: undefined
    data: {
      readonly id: string
      readonly deleted: true
    }
  }
  /** Test a connector. */
  testConnector: {
    query: undefined
    body: Readonly<Record<string, never>> | undefined
    data: TestResult
  }
  /** Test settings before there is a connector. */
  testCredentials: {
    query: undefined
    body: {
      readonly type: string
      readonly config: Readonly<Record<string, unknown>>
      readonly credentials?: Readonly<Record<string, unknown>>
    }
    data: TestResult
  }
  /** Preview what a sync would take. */
  previewConnector: {
    query: undefined
    body: {
      readonly type: string
      readonly config: Readonly<Record<string, unknown>>
      readonly credentials?: Readonly<Record<string, unknown>>
    }
    data: {
      readonly entries: readonly ({
        readonly path: string
        readonly size: number | null
        readonly contentType: string | null
        readonly take: boolean
        readonly reason?: string
      })[]
      readonly unreadable: readonly {
        readonly path: string
        readonly message: string
      }[]
      /** There are more than these. */
      readonly more: boolean
    }
  }
  /** Walk the source, for pickers. */
  browseConnector: {
    query: {
      /** Empty, or left out, for the root. */
      readonly path?: string
      /** 200 unless told. */
      readonly limit?: number
    }
    body: undefined
    data: readonly {
      readonly path: string
      readonly title: string
      readonly hasChildren: boolean
      readonly selectable: boolean
    }[]
  }
  /** Begin to connect by OAuth. */
  beginOAuth: {
    query: undefined
    body: {
      readonly connectorId?: string
      /** The connector type, with `connector`. */
      readonly provider?: string
      readonly connector?: {
        readonly name: string
        /** Id or name. */
        readonly collection: string
        /** As the connector type describes it. */
        readonly config: Readonly<Record<string, unknown>>
        /** What the source signs its webhooks with, where the source chooses it; null refuses them. POST …/webhook-secret makes one. */
        readonly webhookSecret?: string | null
        /** This connector's own OAuth client instead of the one of this server; null takes it away. The addresses replace the connector type's, for private clouds. */
        readonly oauthClient?: {
          readonly clientId: string
          readonly clientSecret?: string
          readonly authorizationUrl?: string
          readonly tokenUrl?: string
          readonly revocationUrl?: string
        } | null
        /** False pauses it. */
        readonly enabled?: boolean
        /** A cron expression, or null. */
        readonly schedule?: string | null
        /** IANA name; UTC unless told. */
        readonly timezone?: string
        readonly limits?: {
          readonly maxFileBytes?: number
        }
      }
      /** Where the type has several ways in by OAuth. */
      readonly method?: string
      /** Where the person is sent at the end, with `connectorId`, `status`, `missing_scopes` where some were left out and, when it failed, `error` and `error_description`. Its origin must be allowed by the operator. */
      readonly returnUrl?: string
    }
    data: {
      /** Open it in the browser of the person who gives access. */
      readonly authUrl: string
      /** Used once. */
      readonly state: string
      readonly expiresAt: string
    }
  }
  /** Where providers send people back. */
  oauthCallback: {
    query: {
      readonly state?: string
      readonly code?: string
      readonly error?: string
      readonly error_description?: string
    }
    body: undefined
    data: Response
  }
  /** Sync now. */
  startSync: {
    query: undefined
    body: {
      /** `auto` unless told. */
      readonly sync_mode?: 'auto' | 'full' | 'incremental'
      /** Source paths as GET …/files prints them; one that ends in `/` is a subtree. */
      readonly file_filter?: readonly string[]
      /** Deprecated: `sync_mode: "full"`. */
      readonly force_full_sync?: boolean
    } | undefined
    data: StartedJob
  }
  /** List sync jobs. */
  listSyncs: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
      readonly status?: 'queued' | 'running' | 'completed' | 'partial' | 'failed' | 'cancelled' | 'needs_confirmation'
    }
    body: undefined
    data: SyncJob
  }
  /** Show a sync job. */
  getSync: {
    query: undefined
    body: undefined
    data: SyncJob
  }
  /** Cancel a sync job. */
  cancelSync: {
    query: undefined
    body: undefined
    data: SyncJob
  }
  /** Follow a sync job. */
  followSync: {
    query: undefined
    body: undefined
    data: Response
  }
  /** List what failed in a sync job. */
  listSyncFailures: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
    }
    body: undefined
    data: SyncFailure
  }
  /** Try failed documents again. */
  retrySync: {
    query: undefined
    body: undefined
    data: StartedJob
  }
  /** Carry out deletions that were held back. */
  confirmSync: {
    query: undefined
    body: undefined
    data: StartedJob
  }
  /** Read access lists again. */
  refreshPermissions: {
    query: undefined
    body: undefined
    data: StartedJob
  }
  /** List documents. */
  listDocuments: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
      readonly status?: 'pending' | 'indexed' | 'failed' | 'skipped' | 'deleted'
      /** Only paths that begin so. */
      readonly path?: string
      /** With what came out of mails and archives. */
      readonly children?: boolean
    }
    body: undefined
    data: Document
  }
  /** Show a document. */
  getDocument: {
    query: undefined
    body: undefined
    data: Document
  }
  /** Remove a document from the index. */
  deleteDocument: {
    query: undefined
    body: undefined
    data: {
      readonly id: string
      readonly deleted: true
    }
  }
  /** Read a document's text. */
  getDocumentContent: {
    query: {
      /** An e-mail or a source id: only what this person may read. Keys without the scope `search:all` must name one. */
      readonly principal?: string
    }
    body: undefined
    data: Response
  }
  /** List a document's chunks. */
  listDocumentChunks: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
      /** An e-mail or a source id: only what this person may read. Keys without the scope `search:all` must name one. */
      readonly principal?: string
    }
    body: undefined
    data: Chunk
  }
  /** Explain who may read a document. */
  explainAccess: {
    query: {
      /** An e-mail or a source id. */
      readonly principal: string
    }
    body: undefined
    data: Access
  }
  /** List files at the source. */
  listFiles: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
      /** An exact path, or a subtree that ends in `/`. */
      readonly path?: string
    }
    body: undefined
    data: File
  }
  /** Delete files at the source. */
  deleteFiles: {
    query: undefined
    body: {
      readonly paths: readonly string[]
    }
    data: {
      readonly deleted: readonly string[]
      readonly notFound: readonly string[]
      /** Null when nothing was deleted. */
      readonly jobId: string | null
    }
  }
  /** Upload files to the source. */
  uploadFiles: {
    query: undefined
    body: undefined
    data: {
      readonly uploaded: readonly {
        readonly path: string
        readonly size: number
      }[]
      readonly jobId: string
    }
  }
  /** List collections. */
  listCollections: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
    }
    body: undefined
    data: Collection
  }
  /** Create a collection. */
  createCollection: {
    query: undefined
    body: {
      readonly name: string
      readonly description?: string
      readonly embedding?: {
        readonly baseUrl: string
        readonly model: string
        readonly dimensions: number
      } | null
    }
    data: Collection
  }
  /** Show a collection. */
  getCollection: {
    query: undefined
    body: undefined
    data: Collection
  }
  /** Change a collection. */
  updateCollection: {
    query: undefined
    body: {
      readonly name?: string
      readonly description?: string
      readonly embedding?: {
        readonly baseUrl: string
        readonly model: string
        readonly dimensions: number
      } | null
    }
    data: Collection
  }
  /** Delete an empty collection. */
  deleteCollection: {
    query: undefined
    body: undefined
    data: {
      readonly id: string
      readonly deleted: true
    }
  }
  /** Search documents. */
  search: {
    query: undefined
    body: {
      /** Words must all occur; "phrases in quotes"; -without; either OR other. Of more than 4,000 characters the first count. */
      readonly query: string
      /** Ids or names; all that the key sees unless told. */
      readonly collections?: readonly string[]
      /** 10 unless told. */
      readonly limit?: number
      readonly offset?: number
      /** `keyword` unless told. */
      readonly mode?: 'keyword' | 'semantic' | 'hybrid'
      readonly filters?: {
        readonly connectors?: readonly string[]
        readonly types?: readonly string[]
        readonly mimeTypes?: readonly string[]
        readonly pathPrefix?: string
        readonly updatedAfter?: string
        readonly updatedBefore?: string
      }
      /** An e-mail or a source id: only what this person may read. */
      readonly principal?: string
    }
    data: {
      readonly results: readonly SearchResult[]
      readonly total: number
    }
  }
  /** List connector types. */
  listConnectorTypes: {
    query: undefined
    body: undefined
    data: readonly ConnectorType[]
  }
  /** Show a connector type. */
  getConnectorType: {
    query: undefined
    body: undefined
    data: ConnectorType
  }
  /** List webhooks. */
  listWebhooks: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
    }
    body: undefined
    data: Webhook
  }
  /** Be told of what happens. */
  createWebhook: {
    query: undefined
    body: {
      /** Public addresses only, unless the operator allows others. */
      readonly url: string
      readonly description?: string
      readonly events: readonly ('sync.started' | 'sync.completed' | 'sync.partial' | 'sync.failed' | 'sync.needs_confirmation' | 'document.indexed' | 'document.updated' | 'document.deleted' | 'document.failed' | 'connector.created' | 'connector.updated' | 'connector.deleted' | 'connector.error')[]
      /** Ids or names; null, or left out, for all that the key sees. */
      readonly collections?: readonly string[] | null
      readonly enabled?: boolean
      /** Made by the server unless given. */
      readonly secret?: string
    }
    data: Webhook
  }
  /** Show a webhook. */
  getWebhook: {
    query: undefined
    body: undefined
    data: Webhook
  }
  /** Change a webhook. */
  updateWebhook: {
    query: undefined
    body: {
      /** Public addresses only, unless the operator allows others. */
      readonly url?: string
      readonly description?: string
      readonly events?: readonly ('sync.started' | 'sync.completed' | 'sync.partial' | 'sync.failed' | 'sync.needs_confirmation' | 'document.indexed' | 'document.updated' | 'document.deleted' | 'document.failed' | 'connector.created' | 'connector.updated' | 'connector.deleted' | 'connector.error')[]
      /** Ids or names; null, or left out, for all that the key sees. */
      readonly collections?: readonly string[] | null
      readonly enabled?: boolean
      /** Made by the server unless given. */
      readonly secret?: string
    }
    data: Webhook
  }
  /** Delete a webhook. */
  deleteWebhook: {
    query: undefined
    body: undefined
    data: {
      readonly id: string
      readonly deleted: true
    }
  }
  /** Send a test. */
  testWebhook: {
    query: undefined
    body: undefined
    data: WebhookTest
  }
  /** List deliveries. */
  listWebhookDeliveries: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
      readonly status?: 'pending' | 'delivered' | 'dead'
    }
    body: undefined
    data: WebhookDelivery
  }
  /** Send a delivery again. */
  replayWebhookDelivery: {
    query: undefined
    body: undefined
    data: WebhookDelivery
  }
  /** What a source tells. */
  receiveSourceWebhookBelowBase: {
    query: undefined
    body: undefined
    data: Response
  }
  /** Make a secret for the webhook of a source. */
  createWebhookSecret: {
    query: undefined
    body: {
      readonly fromSource?: boolean
    } | undefined
    data: {
      /** Shown once. */
      readonly webhookSecret: string
      readonly url: string
    }
  }
  /** See the secret that a source handed over. */
  takeWebhookSecret: {
    query: undefined
    body: undefined
    data: {
      /** Shown once. */
      readonly webhookSecret: string
      readonly url: string
    }
  }
  /** List API keys. */
  listApiKeys: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
    }
    body: undefined
    data: ApiKey
  }
  /** Make an API key. */
  createApiKey: {
    query: undefined
    body: {
      readonly name: string
      readonly role: 'admin' | 'editor' | 'viewer'
      /** Ids or names; null, or left out, for all. */
      readonly collections?: readonly string[] | null
      /** `search:all`: search and read without naming a person. `principal:<e-mail or source id>`: read as this person, and no other. */
      readonly scopes?: readonly string[]
      readonly expiresAt?: string | null
    }
    data: ApiKey
  }
  /** Delete an API key. */
  deleteApiKey: {
    query: undefined
    body: undefined
    data: {
      readonly id: string
      readonly deleted: true
    }
  }
  /** List changes. */
  listAuditEvents: {
    query: {
      /** Number of the page, from 1. Slow at great depth: prefer `cursor`. */
      readonly page?: number
      /** Rows of a page; 20 unless told. */
      readonly limit?: number
      /** `meta.nextCursor` of the page before. */
      readonly cursor?: string
    }
    body: undefined
    data: AuditEvent
  }
}

/** Method and path of each operation, under /api/v1. */
export const operations: { readonly [Name in keyof Operations]: readonly [method: string, path: string] } = {
  listConnectors: ['GET', '/connectors'],
  createConnector: ['POST', '/connectors'],
  getConnector: ['GET', '/connectors/{id}'],
  updateConnector: ['PUT', '/connectors/{id}'],
  deleteConnector: ['DELETE', '/connectors/{id}'],
  testConnector: ['POST', '/connectors/{id}/test'],
  testCredentials: ['POST', '/connectors/test'],
  previewConnector: ['POST', '/connectors/preview'],
  browseConnector: ['GET', '/connectors/{id}/browse'],
  beginOAuth: ['POST', '/oauth/init'],
  oauthCallback: ['GET', '/oauth/callback/{provider}'],
  startSync: ['POST', '/connectors/{id}/sync'],
  listSyncs: ['GET', '/connectors/{id}/sync'],
  getSync: ['GET', '/connectors/{id}/sync/{jobId}'],
  cancelSync: ['POST', '/connectors/{id}/sync/{jobId}/cancel'],
  followSync: ['GET', '/connectors/{id}/sync/{jobId}/events'],
  listSyncFailures: ['GET', '/connectors/{id}/sync/{jobId}/failures'],
  retrySync: ['POST', '/connectors/{id}/sync/{jobId}/retry'],
  confirmSync: ['POST', '/connectors/{id}/sync/{jobId}/confirm'],
  refreshPermissions: ['POST', '/connectors/{id}/refresh-permissions'],
  listDocuments: ['GET', '/connectors/{id}/documents'],
  getDocument: ['GET', '/connectors/{id}/documents/{documentId}'],
  deleteDocument: ['DELETE', '/connectors/{id}/documents/{documentId}'],
  getDocumentContent: ['GET', '/connectors/{id}/documents/{documentId}/content'],
  listDocumentChunks: ['GET', '/connectors/{id}/documents/{documentId}/chunks'],
  explainAccess: ['GET', '/connectors/{id}/documents/{documentId}/access'],
  listFiles: ['GET', '/connectors/{id}/files'],
  deleteFiles: ['DELETE', '/connectors/{id}/files'],
  uploadFiles: ['POST', '/connectors/{id}/files/upload'],
  listCollections: ['GET', '/collections'],
  createCollection: ['POST', '/collections'],
  getCollection: ['GET', '/collections/{id}'],
  updateCollection: ['PUT', '/collections/{id}'],
  deleteCollection: ['DELETE', '/collections/{id}'],
  search: ['POST', '/search'],
  listConnectorTypes: ['GET', '/connector-types'],
  getConnectorType: ['GET', '/connector-types/{type}'],
  listWebhooks: ['GET', '/webhooks'],
  createWebhook: ['POST', '/webhooks'],
  getWebhook: ['GET', '/webhooks/{id}'],
  updateWebhook: ['PUT', '/webhooks/{id}'],
  deleteWebhook: ['DELETE', '/webhooks/{id}'],
  testWebhook: ['POST', '/webhooks/{id}/test'],
  listWebhookDeliveries: ['GET', '/webhooks/{id}/deliveries'],
  replayWebhookDelivery: ['POST', '/webhooks/{id}/deliveries/{deliveryId}/replay'],
  receiveSourceWebhookBelowBase: ['POST', '/hooks/{connectorId}'],
  createWebhookSecret: ['POST', '/connectors/{id}/webhook-secret'],
  takeWebhookSecret: ['GET', '/connectors/{id}/webhook-secret'],
  listApiKeys: ['GET', '/api-keys'],
  createApiKey: ['POST', '/api-keys'],
  deleteApiKey: ['DELETE', '/api-keys/{id}'],
  listAuditEvents: ['GET', '/audit'],
}
