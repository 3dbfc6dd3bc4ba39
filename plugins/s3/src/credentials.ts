import { ConnectorError, type Credentials, type Infer, type NoAuth, none, type SecretAuth, secret } from '@cx/core'

const accessKeys = {
  type: 'object',
  additionalProperties: false,
  required: ['accessKeyId', 'secretAccessKey'],
  properties: {
    accessKeyId: { type: 'string', minLength: 1, title: 'Access key id' },
    secretAccessKey: { type: 'string', minLength: 1, title: 'Secret access key', writeOnly: true },
    sessionToken: { type: 'string', title: 'Session token', description: 'For temporary keys only.', writeOnly: true },
  },
} as const

const assumeRole = {
  type: 'object',
  additionalProperties: false,
  required: ['accessKeyId', 'secretAccessKey', 'roleArn'],
  properties: {
    accessKeyId: { type: 'string', minLength: 1, title: 'Access key id' },
    secretAccessKey: { type: 'string', minLength: 1, title: 'Secret access key', writeOnly: true },
    sessionToken: { type: 'string', title: 'Session token', description: 'For temporary keys only.', writeOnly: true },
    roleArn: { type: 'string', pattern: '^arn:', title: 'Role ARN' },
    externalId: { type: 'string', title: 'External id', writeOnly: true },
    roleSessionName: { type: 'string', pattern: '^[\\w+=,.@-]{2,64}$', default: 'cx', title: 'Session name' },
    durationSeconds: { type: 'integer', minimum: 900, maximum: 43200, default: 3600, title: 'Seconds a session lasts' },
  },
} as const

export type S3Auth = {
  readonly accessKeys: SecretAuth<typeof accessKeys>
  readonly assumeRole: SecretAuth<typeof assumeRole>
  readonly ambient: NoAuth
  readonly anonymous: NoAuth
}

export const auth: S3Auth = {
  accessKeys: secret(accessKeys, 'Access key'),
  assumeRole: secret(assumeRole, 'Access key and role'),
  ambient: none("The host's own AWS identity"),
  anonymous: none('Public bucket, no credentials'),
}

/** Validated or as a person typed them: `method` may be missing, and defaults with it. */
type Given = Partial<Infer<typeof assumeRole>>

export type Identity =
  | { readonly kind: 'keys'; readonly keys: Keys }
  | { readonly kind: 'role'; readonly keys: Keys; readonly role: Role }
  | { readonly kind: 'ambient' }
  | { readonly kind: 'anonymous' }

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface Role {
  readonly RoleArn: string
  readonly RoleSessionName: string
  readonly DurationSeconds: number
  readonly ExternalId?: string
}

/** @throws ConnectorError `unauthenticated` when a key is missing, `misconfigured` when the host lends its identity to nobody. */
export function identify(credentials: Credentials<S3Auth>): Identity {
  if (credentials.method === 'anonymous') return { kind: 'anonymous' }
  if (credentials.method === 'ambient') return ambient()
  const { accessKeyId, secretAccessKey, sessionToken, ...given } = credentials as Given
  if (!accessKeyId || !secretAccessKey)
    throw new ConnectorError(
      'unauthenticated',
      'Enter accessKeyId and secretAccessKey, or choose another way to sign in.',
    )
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
  if (!given.roleArn) return { kind: 'keys', keys }
  const role = {
    RoleArn: given.roleArn,
    RoleSessionName: given.roleSessionName ?? 'cx',
    DurationSeconds: given.durationSeconds ?? 3600,
    ...(given.externalId ? { ExternalId: given.externalId } : {}),
  }
  return { kind: 'role', keys, role }
}

/** A person who may create connectors must not thereby get whatever the machine's role may read. */
function ambient(): Identity {
  if (process.env.CX_ALLOW_AMBIENT_CREDENTIALS === 'true') return { kind: 'ambient' }
  throw new ConnectorError(
    'misconfigured',
    'This host does not lend its own AWS identity to connectors. Enter an access key, or have the operator set CX_ALLOW_AMBIENT_CREDENTIALS=true.',
  )
}
