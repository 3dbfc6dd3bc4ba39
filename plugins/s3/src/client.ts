import type { GetObjectCommandOutput, ListObjectsV2CommandOutput, S3, S3ClientConfig } from '@aws-sdk/client-s3'
import { type Connection, ConnectorError, type Log } from '@cx/core'
import { abortable } from '@cx/core/http'
import type { S3Config } from './config.ts'
import { type Identity, identify, type Keys, type Role, type S3Auth } from './credentials.ts'
import { type Asked, explain, regionOf } from './errors.ts'
import { fetchHandler } from './handler.ts'

type Sdk = typeof import('@aws-sdk/client-s3')

/** What every call names: the bucket, and what the configuration asks to be said with it. */
export interface Target {
  readonly Bucket: string
  readonly ExpectedBucketOwner?: string
  readonly RequestPayer?: 'requester'
}
type Call<T> = (s3: S3, target: Target, options: { readonly abortSignal: AbortSignal }) => Promise<T>

/** One object as a listing tells of it; the key as it is. */
export interface StoredObject {
  readonly key: string
  readonly size: number
  readonly etag: string
  /** Epoch milliseconds. */
  readonly modified: number
  readonly storageClass: string | undefined
  /** A readable copy of an archived object is there. */
  readonly restored: boolean
}

export interface Page {
  readonly objects: readonly StoredObject[]
  /** With a delimiter: what the keys between it stand under. */
  readonly prefixes: readonly string[]
  /** Where the next page begins; undefined at the end. */
  readonly token: string | undefined
}

export interface PageQuery {
  readonly prefix?: string | undefined
  readonly after?: string | undefined
  readonly token?: string | undefined
  readonly delimiter?: string
  readonly limit?: number
}

/** Signs in; makes no call. The SDK is loaded here and not at start: it is most of what this package weighs. */
export async function openBucket(connection: Connection<S3Config, S3Auth>): Promise<OpenBucket> {
  const identity = identify(await connection.credentials())
  return new OpenBucket(
    await import('@aws-sdk/client-s3'),
    connection.config,
    identity,
    connection.fetch,
    connection.log,
  )
}

/** The calls on one bucket. All take a signal, end at once when it is aborted, and throw `ConnectorError`. */
export class OpenBucket {
  readonly config: S3Config
  readonly #sdk: Sdk
  readonly #identity: Identity
  readonly #fetch: typeof fetch
  readonly #log: Log
  #region: string
  #client: S3
  #restoreStatus: boolean

  constructor(sdk: Sdk, config: S3Config, identity: Identity, send: typeof fetch, log: Log) {
    this.config = config
    this.#sdk = sdk
    this.#identity = identity
    this.#fetch = send
    this.#log = log
    this.#region = config.region
    this.#restoreStatus = config.includeArchivedRestored
    this.#client = this.#connect()
  }

  get region(): string {
    return this.#region
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-overview.html: no order, no StartAfter, prefixes that end in a slash. */
  get isDirectory(): boolean {
    return this.config.bucket.endsWith('--x-s3')
  }

  close(): void {
    this.#client.destroy()
  }

  #connect(): S3 {
    const { endpoint, forcePathStyle } = this.config
    return new this.#sdk.S3({
      region: this.#region,
      ...(endpoint === undefined ? {} : { endpoint }),
      forcePathStyle: forcePathStyle ?? endpoint !== undefined,
      requestHandler: fetchHandler(this.#fetch),
      // https://github.com/aws/aws-sdk-js-v3/issues/6810: other makes of store refuse the checksums that are the default;
      // and `fetch` decodes Content-Encoding, so that a checksum of the stored bytes would not match.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 4,
      ...signing(this.#identity, this.#region, this.config, this.#fetch),
    })
  }

  /** Any call: `upload.ts` and `acl.ts` make theirs by it. */
  async call<T>(make: Call<T>, asked: Pick<Asked, 'verb' | 'key'>, signal: AbortSignal): Promise<T> {
    const call = (): Promise<T> => ending(() => make(this.#client, this.#target(), { abortSignal: signal }), signal)
    try {
      return await call().catch((error: unknown) => {
        if (!this.#mend(error)) throw error
        return call()
      })
    } catch (error) {
      throw explain(error, { ...asked, bucket: this.config.bucket, region: this.#region })
    }
  }

  /**
   * Goes to the region that the store names, or assumes the role anew when its session has ended before its time. Behind an
   * endpoint only the signature can be mended, not the address.
   */
  #mend(error: unknown): boolean {
    const region = regionOf(error) ?? this.#region
    const elsewhere = (error as Error).name === 'PermanentRedirect' && this.config.endpoint !== undefined
    const over = (error as Error).name === 'ExpiredToken' && this.#identity.kind !== 'keys'
    if (!over && (region === this.#region || elsewhere)) return false
    this.#log.warn(
      `Bucket ${this.config.bucket} is in region ${region}, not ${this.#region}: set \`region\` to save a request.`,
    )
    this.#region = region
    this.#client.destroy()
    this.#client = this.#connect()
    return true
  }

  #target(): Target {
    const { bucket, expectedBucketOwner, requestPayer } = this.config
    return {
      Bucket: bucket,
      ...(expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
      ...(requestPayer ? { RequestPayer: 'requester' as const } : {}),
    }
  }

  /** One page of keys, at most 1,000. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
  async page(query: PageQuery, signal: AbortSignal): Promise<Page> {
    const { prefix = '', after, token, delimiter, limit = 1000 } = query
    const input = {
      // A key may hold characters that XML cannot.
      EncodingType: 'url' as const,
      MaxKeys: limit,
      ...(prefix === '' ? {} : { Prefix: prefix }),
      ...(token === undefined ? (after ? { StartAfter: after } : {}) : { ContinuationToken: token }),
      ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
      ...(this.#restoreStatus ? { OptionalObjectAttributes: ['RestoreStatus' as const] } : {}),
    }
    try {
      const answer = await this.call(
        (s3, target, options) => s3.listObjectsV2({ ...target, ...input }, options),
        { verb: 'list' },
        signal,
      )
      const decoded = answer.EncodingType === 'url' ? decode : (text: string): string => text
      return {
        objects: (answer.Contents ?? []).map((object) => ({
          key: decoded(object.Key ?? ''),
          size: object.Size ?? 0,
          etag: object.ETag ?? '',
          modified: object.LastModified?.getTime() ?? 0,
          storageClass: object.StorageClass,
          restored: object.RestoreStatus?.IsRestoreInProgress === false,
        })),
        prefixes: (answer.CommonPrefixes ?? []).map((common) => decoded(common.Prefix ?? '')),
        token: nextOf(answer),
      }
    } catch (error) {
      if (query.token !== undefined && (error as { cause?: Error }).cause?.name === 'InvalidArgument')
        throw new ConnectorError('cursor_expired', 'The store does not know this place in the listing any more.')
      if (!this.#restoreStatus || !isUnknownAttribute(error)) throw error
      this.#restoreStatus = false
      return this.page(query, signal)
    }
  }

  /** @throws ConnectorError `unprocessable` when it is archived or its etag is not `etag` any more. */
  get(
    key: string,
    options: { readonly etag?: string; readonly range?: string },
    signal: AbortSignal,
  ): Promise<GetObjectCommandOutput> {
    const { etag, range } = options
    const input = { Key: key, ...(etag ? { IfMatch: etag } : {}), ...(range === undefined ? {} : { Range: range }) }
    return this.call((s3, target, opts) => s3.getObject({ ...target, ...input }, opts), { verb: 'read', key }, signal)
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const asked = { verb: 'remove', key } as const
    await this.call((s3, target, options) => s3.deleteObject({ ...target, Key: key }, options), asked, signal)
  }
}

/** Where a page goes on. What is not clearly the end must not count as one: all keys after it would be taken for deleted. */
function nextOf(answer: ListObjectsV2CommandOutput): string | undefined {
  const { IsTruncated, NextContinuationToken, Contents, CommonPrefixes } = answer
  if (IsTruncated === undefined && answer.Name === undefined && !Contents && !CommonPrefixes)
    throw new ConnectorError('unavailable', 'What answers at this address is no list of objects. Check `endpoint`.')
  if (IsTruncated && !NextContinuationToken)
    throw new ConnectorError(
      'misconfigured',
      'The store says that there are more keys and not where: it does not speak version 2 of ListObjects.',
    )
  return IsTruncated === false ? undefined : NextContinuationToken
}

/** In event messages and in lists `+` is a space. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function signing(identity: Identity, region: string, config: S3Config, send: typeof fetch): S3ClientConfig {
  if (identity.kind === 'keys') return { credentials: identity.keys }
  if (identity.kind === 'role') return { credentials: () => assume(identity.keys, identity.role, region, config, send) }
  if (identity.kind === 'ambient') return {}
  return { credentials: { accessKeyId: '', secretAccessKey: '' }, signer: { sign: async (request) => request } }
}

/** The SDK asks again shortly before what it got expires. */
async function assume(
  keys: Keys,
  role: Role,
  region: string,
  config: S3Config,
  send: typeof fetch,
): Promise<Keys & { expiration?: Date }> {
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts')
  const endpoint = config.stsEndpoint === undefined ? {} : { endpoint: config.stsEndpoint }
  const client = new STSClient({
    region,
    credentials: keys,
    requestHandler: fetchHandler(send),
    maxAttempts: 4,
    ...endpoint,
  })
  try {
    const { Credentials: given } = await client.send(new AssumeRoleCommand(role))
    return {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      ...(given?.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
      ...(given?.Expiration === undefined ? {} : { expiration: given.Expiration }),
    }
  } catch (error) {
    throw explain(error, { verb: 'role', bucket: config.bucket, region })
  } finally {
    client.destroy()
  }
}

/** Other makes of store do not know `OptionalObjectAttributes`. */
function isUnknownAttribute(error: unknown): boolean {
  const { cause } = error as {
    readonly cause?: { readonly name?: string; readonly $metadata?: { readonly httpStatusCode?: number } }
  }
  return (
    cause?.$metadata?.httpStatusCode === 501 ||
    ['NotImplemented', 'InvalidArgument', 'InvalidRequest'].includes(cause?.name ?? '')
  )
}

/** The SDK's pauses between attempts do not end at an abort. */
async function ending<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  return abortable(work(), signal)
}
