import { ConnectorError, type ConnectorErrorCode, isConnectorError } from '@cx/core'

/** Slack's error words. https://docs.slack.dev/reference/methods */
interface Failure {
  readonly error?: string
  readonly needed?: string
  readonly provided?: string
}

const meanings: Readonly<Record<string, readonly [ConnectorErrorCode, string]>> = {
  ...all(
    [
      'invalid_auth',
      'not_authed',
      'account_inactive',
      'token_revoked',
      'token_expired',
      'org_login_required',
      'invalid_refresh_token',
    ],
    'unauthenticated',
    'The token is wrong, expired or revoked, or the app was uninstalled. Reconnect with a valid one.',
  ),
  ...all(
    ['missing_scope', 'no_permission', 'not_allowed_token_type'],
    'forbidden',
    "Add the scope under OAuth & Permissions in the app's settings, then reinstall the app to the workspace.",
  ),
  ...all(
    [
      'access_denied',
      'ekm_access_denied',
      'team_access_not_granted',
      'accesslimited',
      'enterprise_is_restricted',
      'restricted_action',
    ],
    'forbidden',
    "A policy of the workspace forbids it: ask the workspace's administrators.",
  ),
  not_in_channel: [
    'forbidden',
    'Invite the app: type /invite @APP in the channel, or switch on `autoJoin` for public ones.',
  ],
  is_archived: [
    'forbidden',
    'An archived channel can be read only when the app was a member: unarchive it and invite the app.',
  ],
  channel_not_found: [
    'not_found',
    'Check the id. Private channels are hidden until someone types /invite @APP in them.',
  ],
  ...all(
    ['thread_not_found', 'message_not_found', 'user_not_found', 'file_not_found', 'file_deleted'],
    'not_found',
    '',
  ),
  ...all(['ratelimited', 'rate_limited'], 'rate_limited', ''),
  ...all(
    ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org', 'invalid_cursor'],
    'unavailable',
    '',
  ),
  ...all(['invalid_arguments', 'invalid_limit', 'invalid_ts_latest', 'invalid_ts_oldest'], 'misconfigured', ''),
}

function all(
  words: readonly string[],
  code: ConnectorErrorCode,
  remediation: string,
): Record<string, readonly [ConnectorErrorCode, string]> {
  return Object.fromEntries(words.map((word) => [word, [code, remediation] as const]))
}

/** What `ok: false` means. `what` says what was asked for, for people. */
export function slackError(failure: Failure, what: string, retryAfterMs?: number): ConnectorError {
  const word = String(failure.error ?? 'unknown_error').slice(0, 100)
  const [code, remediation] = meanings[word] ?? ['unavailable', '']
  const scope = failure.needed ? `: the token lacks ${failure.needed}` : ''
  return Object.assign(
    new ConnectorError(code, `Slack refused ${what} (${word})${scope}.`, {
      ...(remediation ? { remediation } : {}),
      ...(code === 'rate_limited' ? { retryAfterMs: retryAfterMs ?? 30_000 } : {}),
    }),
    { slackError: word },
  )
}

/** Slack's own word for it, where Slack said one. */
export function wordOf(error: unknown): string | undefined {
  return isConnectorError(error) ? (error as { slackError?: string }).slackError : undefined
}

/** Whether only one channel is concerned, so that the rest can go on. */
export function concernsChannel(error: unknown): boolean {
  return isConnectorError(error) && ['forbidden', 'not_found'].includes(error.code)
}
