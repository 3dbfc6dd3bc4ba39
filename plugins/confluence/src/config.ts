import type { Infer } from '@cx/core'
import type { Status } from './wiki.ts'

/** Where tokens of OAuth and scoped API tokens are taken. https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/ */
export const atlassianGateway = 'https://api.atlassian.com'

/** The configuration schema; forms, validation and types come from it. */
export const config = {
  type: 'object',
  required: ['instanceUrl'],
  additionalProperties: false,
  properties: {
    instanceUrl: {
      type: 'string',
      title: 'Address',
      description: 'Of the site, such as https://acme.atlassian.net, or of Data Center with its context path.',
      pattern: '^https?://[^\\s/]+',
      examples: ['https://acme.atlassian.net', 'https://wiki.example.com/confluence'],
    },
    spaceKeys: {
      type: 'array',
      title: 'Spaces',
      description: 'Keys of the spaces to take; all that these credentials see when empty.',
      items: { type: 'string', pattern: '^~?[\\w.:-]+$', maxLength: 255 },
      default: [],
      examples: [['ENG', 'HR']],
    },
    excludeSpaceKeys: {
      type: 'array',
      title: 'Spaces to leave out',
      items: { type: 'string', pattern: '^~?[\\w.:-]+$', maxLength: 255 },
      default: [],
    },
    deployment: {
      type: 'string',
      title: 'Product',
      description: 'Found by the address, or by asking it, when "auto".',
      enum: ['auto', 'cloud', 'data_center'],
      default: 'auto',
    },
    includeBlogPosts: { type: 'boolean', title: 'Blog posts', default: true },
    includeComments: {
      type: 'boolean',
      title: 'Comments',
      description: 'Footer and inline comments, at the end of their page.',
      default: false,
    },
    includeAttachments: {
      type: 'boolean',
      title: 'Attachments',
      description: 'Each one a document of its own.',
      default: false,
    },
    includeLabels: {
      type: 'boolean',
      title: 'Labels',
      description: 'At the head of their page. A label alone that changed is not noticed.',
      default: false,
    },
    includeArchived: { type: 'boolean', title: 'Archived pages and spaces', default: false },
    includePersonalSpaces: {
      type: 'boolean',
      title: 'Personal spaces',
      description: 'Where no spaces are named; a named one is always taken.',
      default: false,
    },
    bodySource: {
      type: 'string',
      title: 'Body',
      description:
        '"storage" is what was written; "view" is what Confluence makes of it, with included pages and the results of macros.',
      enum: ['storage', 'view'],
      default: 'storage',
    },
    apiUrl: {
      type: 'string',
      title: "Gateway of Atlassian's cloud",
      description: 'For OAuth and scoped API tokens.',
      pattern: '^https?://[^\\s/]+',
      default: 'https://api.atlassian.com',
    },
  },
} as const

export type Config = Infer<typeof config>

/** What counts as there. Lists give archived pages unless they are told not to. */
export function statusesOf({ includeArchived }: Config): readonly Status[] {
  return includeArchived ? ['current', 'archived'] : ['current']
}
