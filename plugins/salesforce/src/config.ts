import type { Infer } from '@cx/core'

/** The configuration schema; forms, validation and types come from it. */
export const config = {
  type: 'object',
  additionalProperties: false,
  required: ['objects'],
  properties: {
    objects: {
      type: 'array',
      items: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_]*$' },
      uniqueItems: true,
      title: 'Objects',
      description: 'API names of the objects whose records become documents.',
      examples: [['Account', 'Contact', 'Opportunity', 'Case', 'Project__c']],
    },
    soqlFilter: {
      type: 'string',
      default: '',
      title: 'Filter',
      description:
        'A SOQL condition as it stands behind WHERE, for every object. Subqueries and further clauses are refused.',
      examples: ['CreatedDate = LAST_N_DAYS:365 AND IsPrivate = false'],
    },
    filters: {
      type: 'array',
      default: [],
      title: 'Filters of single objects',
      description: 'Used for that object instead of the filter for all.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['object', 'where'],
        properties: {
          object: { type: 'string', title: 'Object', pattern: '^[A-Za-z][A-Za-z0-9_]*$' },
          where: { type: 'string', title: 'Condition', minLength: 1 },
        },
      },
    },
    excludeFields: {
      type: 'array',
      items: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_]*\\.[A-Za-z][A-Za-z0-9_]*$' },
      default: [],
      title: 'Fields to leave out',
      description: 'As Object.Field. All other fields that the integration user may see are taken.',
      examples: [['Contact.Birthdate']],
    },
    instanceUrl: {
      type: 'string',
      pattern: '^https?://',
      title: 'My Domain',
      description: 'Needed for client credentials; otherwise Salesforce tells it at sign-in.',
      examples: ['https://acme.my.salesforce.com'],
    },
    loginUrl: {
      type: 'string',
      pattern: '^https?://',
      title: 'Login host',
      description:
        'Where people sign in and a JWT is exchanged: https://login.salesforce.com unless My Domain is given. Sandboxes: https://test.salesforce.com.',
      examples: ['https://test.salesforce.com'],
    },
    apiVersion: { type: 'string', pattern: '^\\d{2,3}\\.0$', default: '64.0', title: 'API version' },
    includeFiles: {
      type: 'boolean',
      default: false,
      title: 'Files',
      description:
        'The latest version of every file the integration user sees. Needs Query All Files to see all of them.',
    },
    includeKnowledge: {
      type: 'boolean',
      default: false,
      title: 'Knowledge articles',
      description: 'Published ones, each language a document.',
    },
    includeComments: { type: 'boolean', default: false, title: 'Comments of cases' },
    includeFeed: {
      type: 'boolean',
      default: false,
      title: 'Chatter feed',
      description: 'Posts and comments below the record they belong to.',
    },
    maxFileSizeMb: { type: 'integer', minimum: 1, default: 50, title: 'Largest file, MB' },
    bulkThreshold: {
      type: 'integer',
      minimum: 1,
      default: 20_000,
      title: 'Bulk API from',
      description: 'Objects with at least so many records are listed by Bulk API 2.0, in few calls.',
    },
    apiReservePercent: {
      type: 'integer',
      minimum: 0,
      maximum: 99,
      default: 20,
      title: 'Leave to others, %',
      description: 'Syncs pause when no more than this share of the daily API requests is left.',
    },
    aclMode: {
      enum: ['sharing', 'object', 'connection'],
      default: 'sharing',
      title: 'Who may find a document',
      description:
        'sharing: who may see the record. object: everyone who may read the object, coarser than Salesforce. connection: everyone.',
    },
    customHierarchy: {
      type: 'boolean',
      default: false,
      title: 'Managers see custom objects',
      description:
        'Salesforce does not tell whether a custom object grants access by hierarchy. Turn it on if all of yours do.',
    },
  },
} as const

export type Config = Infer<typeof config>

export function megabytes(count: number): number {
  return count * 1024 * 1024
}
