import type { Infer } from '@cx/core'

export const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    rootPages: {
      type: 'array',
      title: 'Pages',
      description:
        'Ids or addresses of pages, indexed with everything under them. Empty, with no databases either: everything shared with the connection.',
      items: { type: 'string', minLength: 32 },
      default: [],
    },
    databases: {
      type: 'array',
      title: 'Databases',
      description: 'Ids or addresses of databases or of single data sources, indexed with their rows.',
      items: { type: 'string', minLength: 32 },
      default: [],
    },
    descend: {
      type: 'string',
      title: 'Look for pages inside',
      description:
        'Notion does not promise that its search finds every page. `pages`: a full listing looks into every page outside databases; `all`: into rows as well; `none`: search alone. One call a page.',
      enum: ['pages', 'all', 'none'],
      default: 'pages',
    },
    includeDatabases: {
      type: 'boolean',
      title: 'Databases as documents',
      description: 'Title, description and fields of each database, besides its rows.',
      default: true,
    },
    includeComments: {
      type: 'boolean',
      title: 'Comments',
      description: 'Comments on pages, one more call a page. Needs the capability to read comments.',
      default: false,
    },
    access: {
      type: 'string',
      title: 'Who may read',
      description:
        'Notion tells nobody who a page is shared with. `connection`: the person who signed in; `workspace`: every member of the workspace; `readers`: the people named in `readers`.',
      enum: ['connection', 'workspace', 'readers'],
      default: 'connection',
    },
    readers: {
      type: 'array',
      title: 'Readers',
      description: 'E-mail addresses, for the access `readers`.',
      items: { type: 'string', minLength: 3 },
      default: [],
    },
    publicPages: {
      type: 'boolean',
      title: 'Published pages are public',
      description: 'Whoever searches may read what was published to the web.',
      default: false,
    },
    apiUrl: {
      type: 'string',
      title: 'API address',
      description: 'For proxies and tests.',
      format: 'uri',
      pattern: '^https?://',
      default: 'https://api.notion.com',
    },
  },
} as const

export type Config = Infer<typeof config>
