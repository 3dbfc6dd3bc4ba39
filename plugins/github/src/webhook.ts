import { affected, type Delivery, ignored, type Receipt, resync } from '@cx/core'
import type { Config } from './config.ts'

interface Payload {
  readonly action?: string
  readonly ref?: string
  readonly repository?: { readonly id: number; readonly full_name: string; readonly default_branch: string }
  readonly issue?: { readonly number: number; readonly pull_request?: unknown }
  readonly pull_request?: { readonly number: number }
  readonly changes?: { readonly repository?: { readonly name?: { readonly from: string } } }
}

/**
 * What a delivery means. A push is a signal, not a list: it names at most 2,048 commits and says nothing of what a force-push took
 * away, so the change feed compares trees. https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
export function receive(delivery: Delivery, config: Config): Receipt {
  const event = delivery.headers.get('x-github-event') ?? ''
  const id = delivery.headers.get('x-github-delivery') ?? undefined
  if (event === 'ping') return ignored('ping', id)
  const payload = parse(delivery)
  if (!payload) return ignored("The body is no JSON: set the webhook's content type to application/json.", id)
  const { repository } = payload
  if (!repository)
    return /^(installation|installation_repositories|organization|membership|member|team|team_add)$/.test(event)
      ? resync(`${event} ${payload.action ?? ''}`.trim(), id)
      : ignored(`The event ${event} concerns no repository.`, id)
  if (!isConfigured(repository, payload, config)) return ignored(`${repository.full_name} is not configured here.`, id)
  switch (event) {
    case 'push': {
      const branch = config.branch || repository.default_branch
      if (payload.ref !== `refs/heads/${branch}`) return ignored(`A push to another branch than ${branch}.`, id)
      return config.includeFiles
        ? resync(`push to ${repository.full_name}`, id)
        : ignored('Files are not included.', id)
    }
    case 'issues':
    case 'issue_comment': {
      const { issue } = payload
      if (!issue) return ignored(`${event} without an issue.`, id)
      const pull = issue.pull_request !== undefined
      if (pull ? !config.includePullRequests : !config.includeIssues) return ignored(`${event}: not included.`, id)
      return affected([threadPath(repository.full_name, pull, issue.number)], id)
    }
    case 'pull_request':
    case 'pull_request_review':
    case 'pull_request_review_comment': {
      const number = payload.pull_request?.number
      if (number === undefined || !config.includePullRequests) return ignored(`${event}: not included.`, id)
      return affected([threadPath(repository.full_name, true, number)], id)
    }
    case 'discussion':
    case 'discussion_comment':
      return config.includeDiscussions ? resync(event, id) : ignored('Discussions are not included.', id)
    case 'release':
      return config.includeReleases ? resync(event, id) : ignored('Releases are not included.', id)
    case 'gollum':
      return config.includeWiki ? resync('wiki', id) : ignored('Wiki pages are not included.', id)
    case 'repository':
    case 'public':
    case 'member':
    case 'team_add':
    case 'installation_repositories':
      return resync(`${event} ${payload.action ?? ''}`.trim(), id)
    default:
      return ignored(`Nothing depends on the event ${event}.`, id)
  }
}

/** Where an issue or a pull request stands, as in its web address. */
export function threadPath(fullName: string, pull: boolean, number: number): string {
  return `${fullName}/${pull ? 'pull' : 'issues'}/${number}`
}

function parse({ body }: Delivery): Payload | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function isConfigured(repository: NonNullable<Payload['repository']>, payload: Payload, config: Config): boolean {
  const name = repository.full_name.toLowerCase()
  const owner = name.split('/')[0]!
  const renamed = payload.changes?.repository?.name?.from.toLowerCase()
  const names = new Set([name, `${owner}/*`, String(repository.id), ...(renamed ? [`${owner}/${renamed}`] : [])])
  return config.repos.some((selector) => names.has(selector.toLowerCase()))
}
