import { ConnectorError, type ConnectorErrorCode, isConnectorError } from '@cx/core'

/** What was asked for when the error came. */
export interface Asked {
  readonly verb: 'list' | 'read' | 'write' | 'remove' | 'acl' | 'role'
  readonly bucket: string
  readonly key?: string
  readonly region: string
}

/** The parts of an SDK error that say something. */
interface Fault {
  readonly name: string
  readonly message: string
  readonly status: number | undefined
  readonly region: string | undefined
  readonly retryAfterMs: number | undefined
}

type Meaning = (fault: Fault, asked: Asked) => readonly [code: ConnectorErrorCode, message: string]

const rejected: Meaning = ({ name }) => [
  'unauthenticated',
  `The store does not accept these credentials (${name}). Check both keys for missing or extra characters, and that region, endpoint and forcePathStyle belong to the account they come from.`,
]

const permission = {
  list: 's3:ListBucket',
  read: 's3:GetObject',
  write: 's3:PutObject',
  remove: 's3:DeleteObject',
  acl: 's3:GetObjectAcl',
  role: 'sts:AssumeRole',
}

const denied: Meaning = (_, { verb, bucket, key }) => [
  'forbidden',
  key === undefined || verb === 'list'
    ? `${permission[verb]} is not allowed${verb === 'role' ? '' : ` on bucket ${quoted(bucket)}`}. Add it to the policy of these credentials (or check that the bucket is yours).`
    : `${permission[verb]} is not allowed on ${quoted(key)}. Add it to the policy of these credentials; for objects encrypted with KMS, kms:Decrypt on the key too.`,
]

const busy: Meaning = ({ name }) => [
  'rate_limited',
  `The store asks for fewer requests (${name}). cx slows down and tries again.`,
]
const down: Meaning = ({ name, status }) => [
  'unavailable',
  `The store cannot answer now (${name}${status === undefined ? '' : `, HTTP ${status}`}). cx tries again.`,
]

/** No answer came: what the handler found out, or the SDK's own words. */
const silent: Meaning = ({ name, message }) => [
  'unavailable',
  name === 'NetworkingError'
    ? `${message} Check \`endpoint\` and the network in between; cx tries again.`
    : `The request to the store failed (${name}: ${message}). cx tries again.`,
]

const wrongRegion: Meaning = ({ region }, { bucket }) => [
  'misconfigured',
  region === undefined
    ? `Bucket ${quoted(bucket)} is in another region or behind another endpoint. Set \`region\` to the bucket's.`
    : `Bucket ${quoted(bucket)} is in region ${quoted(region)}. Set \`region\` to it and, when there is one, \`endpoint\`.`,
]

/** Names as S3 and its relatives send them; https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const meanings: Readonly<Record<string, Meaning>> = {
  InvalidAccessKeyId: rejected,
  SignatureDoesNotMatch: rejected,
  InvalidToken: rejected,
  InvalidClientTokenId: rejected,
  InvalidSecurity: rejected,
  UnrecognizedClientException: rejected,
  TokenRefreshRequired: rejected,
  CredentialsProviderError: ({ message }) => ['unauthenticated', `No credentials were found: ${message}`],
  ExpiredToken: () => [
    'unauthenticated',
    'The session token has expired. Enter fresh credentials, or use a role, which renews itself.',
  ],
  AccessDenied: denied,
  AllAccessDisabled: denied,
  NoSuchBucket: (_, { bucket }) => [
    'misconfigured',
    `There is no bucket ${quoted(bucket)} here. Check \`bucket\`, \`region\` and \`endpoint\`.`,
  ],
  InvalidBucketName: (_, { bucket }) => [
    'misconfigured',
    `${quoted(bucket)} cannot be a bucket's name. Check \`bucket\`.`,
  ],
  NoSuchKey: (_, { key }) => ['not_found', `${quoted(key)} is not in the bucket any more.`],
  NoSuchUpload: (_, { key }) => ['unavailable', `The store forgot the upload of ${quoted(key)}. Try again.`],
  InvalidObjectState: (_, { key }) => [
    'unprocessable',
    `${quoted(key)} is archived. Restore it at the store; the next sync reads it.`,
  ],
  PreconditionFailed: (_, { key }) => [
    'unprocessable',
    `${quoted(key)} changed while syncing. It will be read at the next sync.`,
  ],
  RequestTimeTooSkewed: () => [
    'misconfigured',
    "The clock of the machine that cx runs on is off by more than 15 minutes. Set this machine's clock (NTP).",
  ],
  PermanentRedirect: wrongRegion,
  TemporaryRedirect: wrongRegion,
  AuthorizationHeaderMalformed: wrongRegion,
  IllegalLocationConstraintException: wrongRegion,
  NotImplemented: () => [
    'misconfigured',
    'The store does not know this kind of request. Another setting may do without.',
  ],
  EntityTooLarge: (_, { key }) => ['unprocessable', `${quoted(key)} is larger than the store takes.`],
  KeyTooLongError: (_, { key }) => [
    'unprocessable',
    `${quoted(key)} is longer than the 1,024 bytes that a key may have.`,
  ],
  SlowDown: busy,
  // MinIO: https://github.com/minio/minio/blob/master/cmd/api-errors.go
  SlowDownRead: busy,
  SlowDownWrite: busy,
  Throttling: busy,
  ThrottlingException: busy,
  TooManyRequests: busy,
  RequestLimitExceeded: busy,
  InternalError: down,
  ServiceUnavailable: down,
  RequestTimeout: down,
}

/** What an error of the SDK means for the engine; a connector's own error and an abort come back as they are. */
export function explain(error: unknown, asked: Asked): unknown {
  if (isConnectorError(error)) return error
  const { cause } = error as { readonly cause?: unknown }
  if (isConnectorError(cause)) return cause
  if (!(error instanceof Error) || error.name === 'AbortError') return error
  const fault = faultOf(error)
  const [code, message] = (meanings[fault.name] ?? byStatus(fault))(fault, asked)
  const { retryAfterMs } = fault
  return new ConnectorError(code, message, { cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
}

/** For names that are not in the table: other makes of store, and answers without a body. */
function byStatus({ status, name, message }: Fault): Meaning {
  if (status === 401) return rejected
  if (status === 403) return denied
  if (status === 404)
    return (_, { key, bucket }) =>
      key === undefined
        ? meanings.NoSuchBucket!(_, { verb: 'list', bucket, region: '' })
        : ['not_found', `${quoted(key)} is not in the bucket any more.`]
  if (status === 412) return meanings.PreconditionFailed!
  if (status === 429) return busy
  if (status === 301 || status === 307) return wrongRegion
  if (status === 501) return meanings.NotImplemented!
  if (status === undefined) return silent
  if (status >= 500 || status === 408) return down
  return (_, { key }) => [
    key === undefined ? 'misconfigured' : 'unprocessable',
    `The store refused the request (${name}, HTTP ${status}): ${message}`,
  ]
}

function faultOf(error: Error): Fault {
  const { $metadata, $response, Region } = error as {
    readonly $metadata?: { readonly httpStatusCode?: number }
    readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
    readonly Region?: string
  }
  const headers = $response?.headers ?? {}
  const seconds = Number(headers['retry-after'])
  return {
    name: error.name,
    message: error.message,
    status: $metadata?.httpStatusCode,
    region: Region ?? headers['x-amz-bucket-region'],
    retryAfterMs: seconds > 0 ? seconds * 1000 : undefined,
  }
}

/** The region that the store says the bucket is in, when that is what is wrong. */
export function regionOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return
  const fault = faultOf(error)
  return fault.status === 301 || meanings[fault.name] === wrongRegion ? fault.region : undefined
}

function quoted(text: string | undefined): string {
  return JSON.stringify(text ?? '')
}
