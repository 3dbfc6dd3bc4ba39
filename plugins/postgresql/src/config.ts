import type { Infer } from '@cx/core'

export const config = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'database'],
  properties: {
    host: { type: 'string', title: 'Host', minLength: 1, examples: ['db.example.com'] },
    port: { type: 'integer', title: 'Port', default: 5432, minimum: 1, maximum: 65535 },
    database: { type: 'string', title: 'Database', minLength: 1 },
    schema: { type: 'string', title: 'Schema', default: 'public', minLength: 1 },
    tables: {
      type: 'array',
      title: 'Tables and views',
      description:
        'Names of tables, views and materialised views; `*` stands for any characters, `schema.table` reaches another schema. All readable ones of the schema unless told.',
      items: { type: 'string', minLength: 1 },
      examples: [['articles', 'kb_*', 'support.tickets']],
    },
    excludeTables: {
      type: 'array',
      title: 'Tables to leave out',
      description: 'Same patterns as for tables; wins over them.',
      items: { type: 'string', minLength: 1 },
    },
    includeViews: { type: 'boolean', title: 'Views too', default: true },
    query: {
      type: 'string',
      title: 'Query',
      description:
        'One SELECT whose rows become the documents, instead of tables. It runs read-only; unqualified names are looked up in the schema first.',
      minLength: 1,
    },
    idColumns: {
      type: 'array',
      title: 'Identifying columns',
      description:
        'What identifies a row of a view or of the query. Tables use their primary key or a unique index. Without any, a row is identified by its content.',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
    },
    contentColumns: {
      type: 'array',
      title: 'Content columns',
      description: 'Their values make the text of the document. All but binary and vector columns unless told.',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
    },
    excludeColumns: {
      type: 'array',
      title: 'Columns to leave out of the content',
      items: { type: 'string', minLength: 1 },
    },
    contentMimeType: {
      type: 'string',
      title: 'Type of the content column',
      description: 'When the one content column holds HTML or Markdown, such as `text/html`.',
      pattern: '^[a-z]+/[A-Za-z0-9.+-]+$',
      default: 'text/markdown',
    },
    blobColumn: {
      type: 'string',
      title: 'File column',
      description: 'A bytea column that holds whole files: the document is that file.',
      minLength: 1,
    },
    blobNameColumn: { type: 'string', title: 'File name column', minLength: 1 },
    blobMimeColumn: { type: 'string', title: 'File type column', minLength: 1 },
    titleColumn: {
      type: 'string',
      title: 'Title column',
      description: 'The first of title, name, subject, label and slug unless told.',
      minLength: 1,
    },
    urlColumn: { type: 'string', title: 'Link column', minLength: 1 },
    urlTemplate: {
      type: 'string',
      title: 'Link template',
      description: 'Makes a link from columns, when there is no link column.',
      examples: ['https://app.example.com/articles/{id}'],
      minLength: 1,
    },
    createdAtColumn: { type: 'string', title: 'Creation time column', minLength: 1 },
    updatedAtColumn: { type: 'string', title: 'Change time column', minLength: 1 },
    authorColumn: { type: 'string', title: 'Author column', minLength: 1 },
    metadataColumns: { type: 'array', title: 'Metadata columns', items: { type: 'string', minLength: 1 } },
    aclColumn: {
      type: 'string',
      title: 'Access column',
      description:
        'Who may read the row: an email, `group:name`, `domain:example.com` or `anyone`; several as an array, as JSON or separated by commas. NULL means nobody.',
      minLength: 1,
    },
    softDeleteColumn: {
      type: 'string',
      title: 'Deleted column',
      description: 'Rows where this is true (a boolean) or not NULL (anything else) do not count.',
      minLength: 1,
    },
    maxRows: {
      type: 'integer',
      title: 'Most rows of a table',
      description: 'A table with more is reported as partly read, and nothing of it is deleted.',
      minimum: 1,
    },
    maxRowBytes: {
      type: 'integer',
      title: 'Largest row',
      description: 'In bytes as stored; larger rows are recorded as failed.',
      default: 33_554_432,
      minimum: 1024,
      maximum: 268_435_456,
    },
    changeTracking: {
      type: 'string',
      title: 'How changes are found',
      description:
        '`auto` compares row versions (xmin) of tables and hashes of views; `hash` compares content everywhere; `cdc` reads a logical replication slot.',
      enum: ['auto', 'hash', 'cdc'],
      default: 'auto',
    },
    slotName: {
      type: 'string',
      title: 'Replication slot',
      description: 'For cdc: a slot of the plugin pgoutput that nothing else reads.',
      pattern: '^[a-z0-9_]{1,63}$',
    },
    publicationName: { type: 'string', title: 'Publication', description: 'For cdc.', minLength: 1 },
    maxSlotLagBytes: {
      type: 'integer',
      title: 'Most WAL to read from the slot',
      description: 'In bytes. Beyond this everything is listed instead, and the slot goes forward.',
      default: 10_737_418_240,
      minimum: 1_048_576,
    },
    allowRls: {
      type: 'boolean',
      title: 'Allow row-level security',
      description:
        'Reads what the policies let through. Without it such tables are reported as unreadable, because a changed policy would look like deleted rows.',
      default: false,
    },
    sslMode: {
      type: 'string',
      title: 'TLS',
      description: 'As in libpq. `verify-full` is the only one that proves the server is the right one.',
      enum: ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'],
      default: 'prefer',
    },
    sslCa: { type: 'string', title: 'CA certificate (PEM)', minLength: 1 },
    sslCert: { type: 'string', title: 'Client certificate (PEM)', minLength: 1 },
    statementTimeoutMs: {
      type: 'integer',
      title: 'Statement timeout (ms)',
      default: 300_000,
      minimum: 100,
      maximum: 86_400_000,
    },
    lockTimeoutMs: { type: 'integer', title: 'Lock timeout (ms)', default: 5_000, minimum: 10, maximum: 600_000 },
    maxConnections: {
      type: 'integer',
      title: 'Most connections',
      description: 'One lists, the others read.',
      default: 4,
      minimum: 2,
      maximum: 32,
    },
  },
} as const

export type Config = Infer<typeof config>

export const credentials = {
  type: 'object',
  additionalProperties: false,
  required: ['user'],
  properties: {
    user: { type: 'string', title: 'User', minLength: 1 },
    password: { type: 'string', title: 'Password', writeOnly: true },
    sslKey: { type: 'string', title: 'Key of the client certificate (PEM)', writeOnly: true },
    sslKeyPassphrase: { type: 'string', title: 'Passphrase of that key', writeOnly: true },
  },
} as const

export type Login = Infer<typeof credentials>
