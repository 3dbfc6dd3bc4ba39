import type { Answer, Asked, Vendor } from './front.ts'

const bad = (status: number, error: string, error_description?: string): Answer => ({
  status,
  body: { error, ...(error_description !== undefined && { error_description }) },
})
const isForm = (type = '') => type.startsWith('application/x-www-form-urlencoded')
const isJson = (type = '') => type.startsWith('application/json')

/** What a query lacks of these. */
const missing = (query: URLSearchParams, wanted: Readonly<Record<string, string>>): string | undefined =>
  Object.entries(wanted)
    .filter(([name, value]) => query.get(name) !== value)
    .map(([name]) => `${name} is ${query.get(name)}`)[0]

const driveScope = 'https://www.googleapis.com/auth/drive.readonly'
/** What the person unticks. */
export const withheld: Set<string> = new Set()

/** https://developers.google.com/identity/protocols/oauth2/web-server */
export const google: Vendor = {
  type: 'google_drive',
  method: 'oauth',
  pkce: true,
  rotates: false,
  complain: (query) =>
    missing(query, { response_type: 'code', access_type: 'offline', prompt: 'consent' }) ??
    (query.get('scope')?.split(' ').includes(driveScope) ? undefined : 'Error 400: invalid_scope'),
  refuse: (headers) =>
    isForm(headers['content-type']) ? undefined : bad(400, 'unsupported_grant_type', 'Invalid grant_type: '),
  grant: ({ accessToken, refreshToken, isRefresh, asked }) => ({
    access_token: accessToken,
    expires_in: 3599,
    scope: `${withheld.has(driveScope) ? '' : `${driveScope} `}https://www.googleapis.com/auth/userinfo.email openid`,
    token_type: 'Bearer',
    id_token: 'not.looked.at',
    // With offline access alone, and once: a refresh gives none.
    ...(!isRefresh && asked.get('access_type') === 'offline' && { refresh_token: refreshToken }),
  }),
  deny: (error) =>
    error === 'invalid_client'
      ? bad(401, 'invalid_client', 'The provided client secret is invalid.')
      : bad(400, 'invalid_grant', 'Token has been expired or revoked.'),
  revoke: ({ fields }) => fields.token ?? bad(400, 'invalid_token', 'Token expired or revoked'),
}

/** https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/ */
export const atlassian: Vendor = {
  type: 'confluence',
  method: 'oauth',
  pkce: false,
  rotates: true,
  complain: (query) =>
    missing(query, { response_type: 'code', audience: 'api.atlassian.com', prompt: 'consent' }) ??
    (query.get('scope')?.split(' ').includes('offline_access') ? undefined : 'no refresh token will be given'),
  refuse: (headers, { fields }) =>
    isJson(headers['content-type']) && fields.client_secret !== undefined
      ? undefined
      : bad(400, 'invalid_request', 'A JSON body with client_secret is wanted.'),
  grant: ({ accessToken, refreshToken, asked }) => ({
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: 3600,
    token_type: 'Bearer',
    scope: asked.get('scope'),
  }),
  deny: (error, isRefresh) =>
    error === 'invalid_client'
      ? bad(401, 'access_denied', 'Unauthorized')
      : isRefresh
        ? bad(403, 'invalid_grant', 'Unknown or invalid refresh token.')
        : bad(403, 'invalid_grant', 'Invalid authorization code'),
}

/** https://docs.slack.dev/authentication/installing-with-oauth, with token rotation */
export const slack: Vendor = {
  type: 'slack',
  method: 'oauth',
  pkce: false,
  rotates: true,
  complain: (query) => {
    const scope = query.get('scope') ?? ''
    if (query.has('user_scope')) return 'Rights of the person are asked for.'
    return scope.includes(',') && !scope.includes(' ') ? undefined : `invalid_scope: ${scope}`
  },
  refuse: (headers, { bearer }) =>
    isForm(headers['content-type']) || bearer !== undefined ? undefined : slackNo('invalid_form_data'),
  grant: ({ accessToken, refreshToken, isRefresh, asked }) => ({
    ok: true,
    access_token: accessToken,
    token_type: 'bot',
    scope: asked.get('scope'),
    bot_user_id: 'U0BOT00001',
    app_id: 'A0CX000001',
    expires_in: 43_200,
    refresh_token: refreshToken,
    team: { id: 'T0ACME0001', name: 'Acme' },
    enterprise: null,
    is_enterprise_install: false,
    ...(!isRefresh && {
      authed_user: { id: 'U0ANN00001', scope: 'identify', access_token: 'xoxp-canary-persons-own', token_type: 'user' },
    }),
  }),
  deny: (error, isRefresh) =>
    slackNo(error === 'invalid_client' ? 'bad_client_secret' : isRefresh ? 'invalid_refresh_token' : 'invalid_code'),
  revoke: ({ bearer, fields }, accepts) => {
    const token = bearer ?? fields.token
    return token !== undefined && accepts(token) ? token : slackNo('invalid_auth')
  },
}

function slackNo(error: string): Answer {
  return { status: 200, body: { ok: false, error } }
}

const notionFields = ['grant_type', 'code', 'redirect_uri', 'external_account', 'refresh_token', 'token']

/** https://developers.notion.com/docs/authorization, with Basic authentication and JSON alone */
export const notion: Vendor = {
  type: 'notion',
  method: 'oauth',
  pkce: false,
  rotates: true,
  complain: (query) =>
    missing(query, { response_type: 'code', owner: 'user' }) ?? (query.has('scope') ? 'unknown parameter' : undefined),
  refuse: (headers, { fields }) => {
    if (!headers['notion-version']) return notionNo(400, 'missing_version')
    if (!isJson(headers['content-type'])) return notionNo(400, 'invalid_json')
    if (!headers.authorization?.startsWith('Basic ')) return notionNo(401, 'unauthorized')
    const odd = Object.keys(fields).find((name) => !notionFields.includes(name))
    return odd === undefined ? undefined : notionNo(400, 'validation_error')
  },
  grant: ({ accessToken, refreshToken }) => ({
    access_token: accessToken,
    token_type: 'bearer',
    refresh_token: refreshToken,
    bot_id: 'bot-1',
    workspace_icon: null,
    workspace_name: 'Acme',
    workspace_id: '11111111-0000-4000-8000-000000000001',
    owner: { type: 'user', user: { object: 'user', id: 'u-ann', name: 'Ann' } },
    duplicated_template_id: null,
    request_id: '3c90c3cc-0d44-4b50-8888-8dd25736052a',
  }),
  deny: (error) =>
    error === 'invalid_client' ? bad(401, 'invalid_client') : bad(400, 'invalid_grant', 'Invalid code or token.'),
  revoke: ({ fields: { token } }, accepts) =>
    token !== undefined && accepts(token) ? token : bad(400, 'invalid_grant', 'Invalid token.'),
}

function notionNo(status: number, code: string): Answer {
  return { status, body: { object: 'error', status, code, message: 'It failed validation.' } }
}

/** https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm, with rotation switched on */
export const salesforce: Vendor = {
  type: 'salesforce',
  method: 'oauth',
  pkce: true,
  rotates: true,
  complain: (query) =>
    missing(query, { response_type: 'code', scope: 'api refresh_token', code_challenge_method: 'S256' }),
  refuse: (headers) => (isForm(headers['content-type']) ? undefined : bad(400, 'unsupported_grant_type')),
  // No `expires_in`: how long a session lasts is the organisation's to say.
  grant: ({ accessToken, refreshToken }, url) => ({
    access_token: accessToken,
    refresh_token: refreshToken,
    signature: 'c2lnbmF0dXJl',
    scope: 'refresh_token api',
    instance_url: url,
    id: `${url}/id/00D5g00000AbCdEEAV/0055g00000AbCdEAAV`,
    token_type: 'Bearer',
    issued_at: '1769000000000',
  }),
  deny: (error, isRefresh) =>
    error === 'invalid_client'
      ? bad(400, 'invalid_client', 'invalid client credentials')
      : bad(400, 'invalid_grant', isRefresh ? 'expired access/refresh token' : 'expired authorization code'),
  revoke: ({ fields }: Asked) => fields.token ?? bad(400, 'invalid_token'),
}

const githubNo = (error: string): Answer => ({ status: 200, body: { error, error_description: 'It is wrong.' } })

/** https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens */
export const github: Vendor = {
  type: 'github',
  method: 'oauth',
  pkce: true,
  rotates: true,
  complain: (query) => missing(query, { scope: 'repo read:org', code_challenge_method: 'S256' }),
  refuse: (headers) =>
    isForm(headers['content-type']) && headers.accept === 'application/json' ? undefined : githubNo('not_found'),
  grant: ({ accessToken, refreshToken }) => ({
    access_token: accessToken,
    expires_in: 28_800,
    refresh_token: refreshToken,
    refresh_token_expires_in: 15_811_200,
    scope: '',
    token_type: 'bearer',
  }),
  deny: (error, isRefresh) =>
    githubNo(
      error === 'invalid_client'
        ? 'incorrect_client_credentials'
        : isRefresh
          ? 'bad_refresh_token'
          : 'bad_verification_code',
    ),
}
