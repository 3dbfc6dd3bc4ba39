import { named, object, type Schema } from './http/schema.ts'

// What the API answers with. The views in `views.ts` fill them.

const time = { type: 'string', format: 'date-time' } as const
const optionalTime = { type: ['string', 'null'], format: 'date-time' } as const
const count = { type: 'integer', minimum: 0 } as const
const text = { type: 'string' } as const
const optionalText = { type: ['string', 'null'] } as const
const freeObject = { type: 'object', additionalProperties: true } as const

/** Every property is required: what is not known is null. */
function record<const P extends { readonly [name: string]: Schema }>(
  properties: P,
  optional: readonly (keyof P & string)[] = [],
): Schema {
  return object(
    properties,
    Object.keys(properties).filter((name) => !optional.includes(name)),
  )
}

export const connectorStatuses = ['active', 'paused', 'error', 'inactive'] as const
export const jobStatuses = [
  'queued',
  'running',
  'completed',
  'partial',
  'failed',
  'cancelled',
  'needs_confirmation',
] as const
export const documentStatuses = ['pending', 'indexed', 'failed', 'skipped', 'deleted'] as const
export const roles = ['admin', 'editor', 'viewer'] as const

const listed = {
  id: text,
  name: text,
  type: text,
  status: { type: 'string', enum: connectorStatuses },
  collection: { type: 'string', description: 'Id of the collection.' },
  collectionName: text,
  lastSync: { ...optionalTime, description: 'When the last sync ended.' },
  lastSyncStatus: { type: ['string', 'null'], enum: [...jobStatuses, null] },
  createdAt: time,
} as const

export const connectorSummary: Schema = named('ConnectorSummary', record(listed))

export const connectorDetail: Schema = named(
  'Connector',
  record({
    ...listed,
    config: { ...freeObject, description: 'Fields that the connector type marks as secret are left out.' },
    enabled: { type: 'boolean' },
    hasCredentials: { type: 'boolean' },
    credentials: {
      type: ['object', 'null'],
      description: 'Which way in is stored, with masked hints; never the credentials.',
      properties: { method: text, hints: { type: 'object', additionalProperties: { type: 'string' } } },
      required: ['method', 'hints'],
      additionalProperties: false,
    },
    webhook: {
      type: ['object', 'null'],
      description: 'Where the source can tell of changes; null where its type cannot.',
      properties: {
        url: { type: 'string', description: 'A path of this host, unless CX_PUBLIC_URL says where others reach it.' },
        hasSecret: { type: 'boolean', description: 'Without one everything is refused.' },
        subscription: {
          type: ['object', 'null'],
          description: 'Where this host registers itself at the source.',
          properties: { active: { type: 'boolean' }, expiresAt: optionalTime, lastError: optionalText },
          required: ['active', 'expiresAt', 'lastError'],
          additionalProperties: false,
        },
      },
      required: ['url', 'hasSecret', 'subscription'],
      additionalProperties: false,
    },
    oauthClient: {
      type: ['object', 'null'],
      description: 'Its own OAuth client; null where it uses the one of this server, or none.',
      properties: { clientId: text },
      required: ['clientId'],
      additionalProperties: false,
    },
    lastError: {
      type: ['object', 'null'],
      properties: { code: text, message: text, at: time },
      required: ['code', 'message', 'at'],
      additionalProperties: false,
    },
    schedule: { ...optionalText, description: 'A cron expression.' },
    timezone: text,
    nextSyncAt: {
      ...optionalTime,
      description: 'The next scheduled run; null without a schedule, and while it is paused.',
    },
    limits: object({ maxFileBytes: count }, ['maxFileBytes']),
    updatedAt: time,
  }),
)

const progress: Schema = named(
  'Progress',
  record(
    {
      listed: count,
      collected: { ...count, description: 'Content fetched.' },
      parsed: count,
      indexed: count,
      unchanged: count,
      skipped: count,
      failed: count,
      deleted: count,
      bytes: count,
      total: { ...count, description: 'Entries expected, when known.' },
      etaSeconds: { ...count, description: 'When known.' },
      embedded: {
        ...count,
        description: 'Chunks that got a vector since the job began, after its end too; with embeddings.',
      },
    },
    ['total', 'etaSeconds', 'embedded'],
  ),
)

export const syncJob: Schema = named(
  'SyncJob',
  record(
    {
      jobId: text,
      connectorId: text,
      kind: { type: 'string', enum: ['sync', 'permissions', 'retry', 'confirm'] },
      mode: { type: ['string', 'null'], enum: ['auto', 'full', 'incremental', null] },
      status: { type: 'string', enum: jobStatuses },
      progress,
      attempt: count,
      startedAt: { ...time, description: 'When the job was accepted.' },
      completedAt: time,
      error: object({ code: text, message: text }, ['code', 'message']),
      unreadable: {
        type: 'array',
        description: 'Parts of the source that could not be read; nothing under them was deleted.',
        items: object({ path: text, code: text, message: text }, ['path', 'code', 'message']),
      },
      pendingDeletions: { ...count, description: 'Held back until `confirm`.' },
    },
    ['completedAt', 'error', 'unreadable', 'pendingDeletions'],
  ),
)

export const startedJob: Schema = named(
  'StartedJob',
  record({ jobId: text, status: { type: 'string', enum: jobStatuses }, startedAt: time }),
)

const documentError = {
  type: ['object', 'null'],
  properties: { stage: text, code: text, message: text, attempts: count, nextAttemptAt: optionalTime },
  required: ['stage', 'code', 'message', 'attempts', 'nextAttemptAt'],
  additionalProperties: false,
} as const

export const documentSchema: Schema = named(
  'Document',
  record({
    id: text,
    connectorId: text,
    collection: text,
    sourceId: { type: 'string', description: "The source's own id." },
    path: text,
    title: optionalText,
    url: optionalText,
    author: optionalText,
    status: { type: 'string', enum: documentStatuses },
    error: documentError,
    version: text,
    contentType: optionalText,
    size: { type: ['integer', 'null'], minimum: 0 },
    language: optionalText,
    pages: { type: ['integer', 'null'] },
    chunks: count,
    contentHash: optionalText,
    parentId: { ...optionalText, description: 'The mail or archive it came out of.' },
    metadata: freeObject,
    sourceCreatedAt: optionalText,
    sourceUpdatedAt: optionalText,
    createdAt: time,
    updatedAt: time,
    indexedAt: optionalTime,
    deletedAt: optionalTime,
  }),
)

export const failureSchema: Schema = named(
  'SyncFailure',
  record({
    documentId: text,
    path: text,
    stage: text,
    code: text,
    message: text,
    retryable: { type: 'boolean' },
    attempts: count,
    nextAttemptAt: optionalTime,
  }),
)

export const fileSchema: Schema = named(
  'File',
  record(
    {
      path: text,
      size: { type: ['integer', 'null'], minimum: 0 },
      contentType: optionalText,
      lastModified: optionalText,
      version: text,
      documentId: optionalText,
      status: { type: 'string', enum: documentStatuses, description: '`pending` until a sync has taken it.' },
      error: { type: 'string' },
    },
    ['error'],
  ),
)

export const chunkSchema: Schema = named(
  'Chunk',
  record({
    id: text,
    position: count,
    text,
    headings: { type: 'array', items: text },
    page: { type: ['integer', 'null'] },
  }),
)

const embedding: Schema = {
  ...object({ baseUrl: text, model: text, dimensions: count }, ['baseUrl', 'model', 'dimensions']),
  type: ['object', 'null'],
}

export const collectionSchema: Schema = named(
  'Collection',
  record(
    {
      id: text,
      name: text,
      description: text,
      embedding,
      counts: object(
        {
          connectors: count,
          documents: count,
          chunks: count,
          embedded: { ...count, description: 'Chunks with a vector.' },
        },
        ['connectors', 'documents', 'chunks', 'embedded'],
      ),
      createdAt: time,
      updatedAt: time,
      embeddingError: {
        ...object({ code: text, message: text, at: time }, ['code', 'message', 'at']),
        description: 'Why chunks get no vectors just now; it is tried again.',
      },
    },
    ['embeddingError'],
  ),
)

export const searchResult: Schema = named(
  'SearchResult',
  record({
    documentId: text,
    chunkId: text,
    title: text,
    url: optionalText,
    path: text,
    snippet: { type: 'string', description: 'HTML-escaped, with matches between <mark> and </mark>.' },
    score: { type: 'number' },
    connector: text,
    collection: text,
    position: count,
    updatedAt: optionalText,
  }),
)

const check: Schema = object(
  { capability: text, status: { type: 'string', enum: ['ok', 'failed', 'skipped'] }, message: text, remediation: text },
  ['capability', 'status', 'message'],
)

export const testResult: Schema = named(
  'TestResult',
  record(
    {
      success: { type: 'boolean' },
      account: text,
      message: text,
      latencyMs: count,
      checks: { type: 'array', items: check },
    },
    ['account'],
  ),
)

export const connectorType: Schema = named(
  'ConnectorType',
  record({
    type: text,
    title: text,
    description: text,
    config: { ...freeObject, description: 'JSON Schema of `config`.' },
    auth: {
      type: 'array',
      items: object(
        {
          method: text,
          kind: { type: 'string', enum: ['secret', 'oauth2', 'none'] },
          title: text,
          schema: freeObject,
          scopes: { type: 'array', items: text },
        },
        ['method', 'kind', 'title'],
      ),
    },
    capabilities: { type: 'object', additionalProperties: { type: 'boolean' } },
  }),
)

export const apiKeySchema: Schema = named(
  'ApiKey',
  record(
    {
      id: text,
      name: text,
      role: { type: 'string', enum: roles },
      collections: {
        type: ['array', 'null'],
        items: text,
        description: 'Ids of the collections it is limited to; null means all.',
      },
      scopes: { type: 'array', items: text },
      hint: { type: 'string', description: 'How the key begins.' },
      createdAt: time,
      expiresAt: optionalTime,
      lastUsedAt: optionalTime,
      key: { type: 'string', description: 'The key itself: shown once, when it is made.' },
    },
    ['key'],
  ),
)

export const auditSchema: Schema = named(
  'AuditEvent',
  record({ at: time, actor: text, action: text, target: text, details: {} }),
)

const principal: Schema = object(
  { type: { type: 'string', enum: ['user', 'group', 'domain', 'anyone'] }, id: text, email: text },
  ['type'],
)
const maybePrincipal: Schema = { ...principal, type: ['object', 'null'] }

export const accessSchema: Schema = named(
  'Access',
  record({
    allowed: { type: 'boolean' },
    message: text,
    principals: { type: 'array', items: principal, description: 'Who the person is at the source, with all groups.' },
    matches: {
      type: 'array',
      items: maybePrincipal,
      description: 'One for each set of the access list: through whom the person is in it, or null.',
    },
    denied: maybePrincipal,
  }),
)
