import type { Infer } from '@cx/core'

export const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    channels: {
      type: 'array',
      title: 'Channels',
      description: 'Ids (C0123ABCD), links or names (general). Empty: every channel that the app is a member of.',
      items: { type: 'string', minLength: 1 },
      default: [],
      examples: [['general', 'C0123ABCD']],
    },
    dateRange: {
      type: 'object',
      title: 'Date range',
      description: 'Whole days, in UTC. Messages outside of it are not indexed.',
      additionalProperties: false,
      properties: {
        from: {
          type: 'string',
          title: 'From',
          description: 'A date (2026-01-31), or a number of days back from today (90d).',
          pattern: '^(\\d{4}-\\d{2}-\\d{2}([T ].*)?|\\d{1,5}d)$',
        },
        to: {
          type: 'string',
          title: 'To',
          description: 'The last day. Open when empty.',
          pattern: '^\\d{4}-\\d{2}-\\d{2}([T ].*)?$',
        },
      },
    },
    apiUrl: {
      type: 'string',
      title: 'API address',
      description: 'For GovSlack (https://slack-gov.com/api), proxies and tests.',
      format: 'uri',
      pattern: '^https?://',
      default: 'https://slack.com/api',
    },
    includePrivate: {
      type: 'boolean',
      title: 'Private channels',
      description: 'Those that the app was invited to.',
      default: true,
    },
    includeArchived: { type: 'boolean', title: 'Archived channels', default: true },
    includeFiles: {
      type: 'boolean',
      title: 'Files',
      description: 'Files posted in channels, as documents of their own. Needs files:read.',
      default: true,
    },
    includeBots: { type: 'boolean', title: 'Messages of bots and integrations', default: true },
    lookbackDays: {
      type: 'integer',
      title: 'Days to look back',
      description: 'Edits, late replies and deletions of so many days are found by every sync; older ones weekly.',
      minimum: 1,
      maximum: 365,
      default: 30,
    },
    autoJoin: {
      type: 'boolean',
      title: 'Join public channels',
      description: 'Join the public channels in `channels` that the app is not a member of. Needs channels:join.',
      default: false,
    },
    exportPath: {
      type: 'string',
      title: 'Slack export (ZIP)',
      description:
        "Path on the host's machine. What is older than the export and the days to look back is taken from it, without calls.",
      minLength: 1,
    },
  },
} as const

export type Config = Infer<typeof config>
