import type { Infer } from '@cx/core'

/** The configuration schema; forms, validation and types come from it. */
export const config = {
  type: 'object',
  required: ['repos'],
  additionalProperties: false,
  properties: {
    repos: {
      type: 'array',
      title: 'Repositories',
      description: '"owner/name", "owner/*" for all of an owner\'s repositories, or a numeric repository id.',
      items: { type: 'string', pattern: '^([\\w.-]+/([\\w.-]+|\\*)|\\d+)$' },
      minItems: 1,
      examples: [['octocat/hello-world', 'acme/*']],
    },
    branch: { type: 'string', title: 'Branch', description: 'The default branch when empty.', maxLength: 255 },
    pathFilter: {
      type: 'string',
      title: 'Path filter',
      description:
        'A glob over paths in the repository, such as "docs/" (that folder and all below it) or "**/*.md"; several on lines of their own; a leading "!" leaves out.',
      examples: ['docs/', '**/*.{md,mdx}'],
    },
    apiUrl: {
      type: 'string',
      title: 'API address',
      description: 'For GitHub Enterprise Server: https://HOST/api/v3.',
      default: 'https://api.github.com',
      pattern: '^https?://',
    },
    includeFiles: { type: 'boolean', title: 'Files', default: true },
    includeIssues: { type: 'boolean', title: 'Issues with their comments', default: false },
    includePullRequests: { type: 'boolean', title: 'Pull requests with reviews and comments', default: false },
    includeDiscussions: { type: 'boolean', title: 'Discussions', default: false },
    includeReleases: { type: 'boolean', title: 'Release notes', default: false },
    includeWiki: { type: 'boolean', title: 'Wiki pages', default: false },
    state: {
      type: 'string',
      title: 'State of issues and pull requests',
      enum: ['all', 'open', 'closed'],
      default: 'all',
    },
    includeForks: { type: 'boolean', title: 'Forks, where "owner/*" is given', default: false },
    includeArchived: { type: 'boolean', title: 'Archived repositories, where "owner/*" is given', default: true },
    lfs: {
      type: 'string',
      title: 'Git LFS files',
      description:
        '"skip" takes the pointer as the content; "fetch" downloads the file (it counts against the LFS quota).',
      enum: ['skip', 'fetch'],
      default: 'skip',
    },
    rateLimitReserve: {
      type: 'integer',
      title: 'Share of the rate limit left to others',
      description: 'Percent of the hourly limit at which a sync pauses until the limit is reset.',
      minimum: 0,
      maximum: 90,
      default: 0,
    },
  },
} as const

export type Config = Infer<typeof config>

/** The patterns of `pathFilter`, one a line; empty when everything is wanted. */
export function filterPatterns(value = ''): readonly string[] {
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
