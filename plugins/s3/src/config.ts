import type { Infer } from '@cx/core'

export const config = {
  type: 'object',
  additionalProperties: false,
  required: ['bucket'],
  properties: {
    bucket: { type: 'string', minLength: 1, title: 'Bucket', examples: ['reports'] },
    region: {
      type: 'string',
      pattern: '^[a-z0-9-]+$',
      default: 'us-east-1',
      title: 'Region',
      description: 'Of the bucket. "auto" for Cloudflare R2; other makes of store mostly take any.',
    },
    prefix: {
      type: 'string',
      title: 'Prefix',
      description: 'Only keys that begin with exactly this, such as "documents/". A leading slash counts.',
    },
    endpoint: {
      type: 'string',
      pattern: '^https?://',
      title: 'Endpoint',
      description: 'Address of a store that is not Amazon S3, such as "https://minio.example.com:9000".',
    },
    forcePathStyle: {
      type: 'boolean',
      title: 'Bucket in the path',
      description: 'Instead of in the host name. On when there is an endpoint, off for Amazon S3.',
    },
    include: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      default: ['**/*'],
      title: 'Include',
      description: 'Globs of whole keys.',
    },
    exclude: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      default: [],
      title: 'Exclude',
      description: 'Globs of whole keys; they win over Include.',
    },
    includeArchivedRestored: {
      type: 'boolean',
      default: true,
      title: 'Read restored objects',
      description: 'Of the archive classes, while a restored copy is there.',
    },
    requestPayer: {
      type: 'boolean',
      default: false,
      title: 'Requester pays',
      description: 'Agree to pay for requests to a bucket that asks for it.',
    },
    expectedBucketOwner: {
      type: 'string',
      pattern: '^\\d{12}$',
      title: "Owner's account",
      description: 'Refuse the bucket when another account owns it.',
    },
    stsEndpoint: {
      type: 'string',
      pattern: '^https?://',
      title: 'STS endpoint',
      description: 'Where to assume the role, when not at Amazon.',
    },
    concurrency: {
      type: 'integer',
      minimum: 1,
      maximum: 32,
      default: 8,
      title: 'Requests at once while listing',
    },
    aclMode: {
      enum: ['connection', 'rules', 'objectAcl'],
      default: 'connection',
      title: 'Who may find the objects',
      description:
        'Everyone who may search this connection; whom the rules name; or whom the ACL of each object names.',
    },
    aclRules: {
      type: 'array',
      default: [],
      title: 'Rules',
      description: 'The longest prefix that fits decides. Where none fits, nobody.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['prefix'],
        properties: {
          prefix: { type: 'string', title: 'Keys that begin with' },
          users: {
            type: 'array',
            items: { type: 'string', minLength: 1 },
            default: [],
            title: 'E-mail addresses or ids',
          },
          groups: { type: 'array', items: { type: 'string', minLength: 1 }, default: [], title: 'Ids of groups' },
          anyone: { type: 'boolean', default: false, title: 'Anyone' },
        },
      },
    },
  },
} as const

export type S3Config = Infer<typeof config>
