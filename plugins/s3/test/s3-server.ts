import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { startFauxqs } from 'fauxqs'
import { type Indexed, S3Index, xml } from './s3-index.ts'
import { callOf, read, refuse, reply, type S3Call } from './s3-wire.ts'
import { type Account, payload, type Signed, verify } from './sigv4.ts'

export interface S3Options {
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly sessionToken?: string
  readonly bucket?: string
  readonly region?: string
  /** Anyone may list and read. */
  readonly publicRead?: boolean
  /** Buckets of somebody else. */
  readonly foreignBuckets?: readonly string[]
  /** How far the store's clock is ahead of ours. */
  readonly clockOffsetMs?: number
  /** Keys on a page at most; 1,000 unless told. */
  readonly pageSize?: number
  /** Every answer waits so long. */
  readonly latencyMs?: number
  /** The role that may be assumed, and the external id it asks for. */
  readonly role?: { readonly arn: string; readonly externalId?: string }
  /** Whose the objects are, and whether grants to everyone are overlooked; none set unless told. */
  readonly ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter'
  readonly ignorePublicAcls?: boolean
}

export interface S3Fault {
  readonly operation?: string
  readonly key?: string
  /** Lets that many matching calls through first. */
  readonly after?: number
  /** How often; once unless told. */
  readonly times?: number
  readonly status?: number
  readonly code?: string
  readonly extra?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of an answer: none at all, a closed connection, or half a body and then that. */
  readonly instead?: 'hang' | 'drop' | 'half'
  readonly delayMs?: number
}

export interface S3Server {
  readonly endpoint: string
  readonly calls: S3Call[]
  count(operation: string): number
  /** From now on. */
  setPageSize(keys: number): void
  /** The most calls that were under way at once. */
  readonly peak: number
  /** Stores an object, past signatures and call counts. */
  put(
    key: string,
    body: string | Uint8Array,
    options?: Partial<Indexed> & { readonly headers?: Record<string, string> },
  ): Promise<void>
  remove(key: string): void
  /** Changes what the store says about an object. */
  change(key: string, what: Partial<Indexed>): void
  /** Lists these keys, without touching fauxqs; the content of each is its key. */
  seed(keys: Iterable<string>): void
  fault(fault: S3Fault): void
  /** No more faults. */
  calm(): void
  /** Sessions of roles end now, whatever was said of their length. */
  expireSessions(): void
  close(): Promise<void>
}

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'
const stsNamespace = 'https://sts.amazonaws.com/doc/2011-06-15/'

/**
 * An S3 on 127.0.0.1: fauxqs keeps the objects; signatures, accounts, listings, access lists, STS and faults are added in
 * front of it. Path style only.
 */
export async function startS3(options: S3Options = {}): Promise<S3Server> {
  const {
    accessKeyId = 'AKIATESTKEY',
    secretAccessKey = 'test/secret',
    sessionToken,
    bucket = 'docs',
    region = 'us-east-1',
  } = options
  const accounts = new Map<string, Account>([[accessKeyId, { accessKeyId, secretAccessKey, sessionToken }]])
  const fauxqs = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  fauxqs.createBucket(bucket)
  const index = new S3Index()
  const calls: S3Call[] = []
  const faults: { fault: S3Fault; skip: number; left: number }[] = []
  const uploads = new Map<string, number>()
  const now = (): number => Date.now() + (options.clockOffsetMs ?? 0)

  const forward = (method: string, url: string, headers: IncomingMessage['headers'], body: Buffer) =>
    new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((fulfil, reject) => {
      const outgoing = send({
        host: '127.0.0.1',
        port: fauxqs.port,
        method,
        path: url,
        headers: { 'content-type': 'application/octet-stream', ...headers, 'content-length': body.length },
      })
      outgoing.on('error', reject).on('response', async (answer) => {
        fulfil({ status: answer.statusCode ?? 500, headers: answer.headers, body: await read(answer) })
      })
      outgoing.end(body)
    })

  const remember = (key: string, size: number, etag: string, more: Partial<Indexed> = {}): void =>
    index.set({ key, size, etag, modified: new Date(now()).toISOString(), storageClass: 'STANDARD', ...more })

  async function answer(request: IncomingMessage, response: ServerResponse, call: S3Call): Promise<void> {
    response.setHeader('date', new Date(now()).toUTCString())
    const raw = await read(request)
    if (options.latencyMs) await sleep(options.latencyMs)
    const fault = take(faults, call)
    if (fault?.delayMs) await sleep(fault.delayMs)
    if (fault?.instead === 'hang') return
    if (fault?.instead === 'drop') return void request.socket.destroy()
    if (fault?.code !== undefined || fault?.status !== undefined)
      return refuse(
        response,
        call,
        { status: fault.status ?? 500, code: fault.code ?? '', message: 'As told.', extra: fault.extra ?? '' },
        fault.headers,
      )
    let signed: Signed | undefined
    if (request.headers.authorization === undefined) {
      const reads = ['ListObjectsV2', 'GetObject'].includes(call.operation)
      if (!options.publicRead || !reads)
        return refuse(response, call, { status: 403, code: 'AccessDenied', message: 'Access Denied' })
    } else {
      const checked = verify(request, { accounts, region, now: now() })
      if ('code' in checked) return refuse(response, call, checked)
      signed = checked
    }
    const body = payload(request, raw, signed)
    if ('code' in body) return refuse(response, call, body)
    if (call.operation === 'AssumeRole') return assumeRole(response, call, new URLSearchParams(body.toString()))
    if (options.foreignBuckets?.includes(call.bucket))
      return refuse(response, call, { status: 403, code: 'AccessDenied', message: 'Access Denied' })
    if (call.bucket !== bucket)
      return refuse(response, call, {
        status: 404,
        code: 'NoSuchBucket',
        message: 'The specified bucket does not exist',
      })
    if (call.operation === 'ListObjectsV2') {
      const restores = request.headers['x-amz-optional-object-attributes'] === 'RestoreStatus'
      const page = index.page(bucket, call.query, { restores, pageSize })
      if (page === undefined)
        return refuse(response, call, {
          status: 400,
          code: 'InvalidArgument',
          message: 'The continuation token provided is incorrect',
        })
      return reply(response, call, 200, page)
    }
    const known = index.get(call.key)
    if (['GetObject', 'GetObjectAcl'].includes(call.operation) && known === undefined)
      return refuse(response, call, { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' })
    if (call.operation === 'GetBucketOwnershipControls') {
      if (options.ownership === undefined)
        return refuse(response, call, {
          status: 404,
          code: 'OwnershipControlsNotFoundError',
          message: 'The bucket ownership controls were not found',
        })
      const rule = `<Rule><ObjectOwnership>${options.ownership}</ObjectOwnership></Rule>`
      return reply(response, call, 200, `<OwnershipControls xmlns="${namespace}">${rule}</OwnershipControls>`)
    }
    if (call.operation === 'GetPublicAccessBlock') {
      if (options.ignorePublicAcls === undefined)
        return refuse(response, call, {
          status: 404,
          code: 'NoSuchPublicAccessBlockConfiguration',
          message: 'The public access block configuration was not found',
        })
      const block = `<IgnorePublicAcls>${options.ignorePublicAcls}</IgnorePublicAcls>`
      return reply(
        response,
        call,
        200,
        `<PublicAccessBlockConfiguration xmlns="${namespace}">${block}</PublicAccessBlockConfiguration>`,
      )
    }
    if (call.operation === 'GetObjectAcl' && known !== undefined)
      return reply(
        response,
        call,
        200,
        `<AccessControlPolicy xmlns="${namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Owner><ID>owner</ID></Owner><AccessControlList>${known.grants ?? ''}</AccessControlList></AccessControlPolicy>`,
      )
    if (call.operation === 'GetObject' && known !== undefined) {
      const archived = ['GLACIER', 'DEEP_ARCHIVE'].includes(known.storageClass) && !known.restored
      if (archived)
        return refuse(response, call, {
          status: 403,
          code: 'InvalidObjectState',
          message: "The operation is not valid for the object's storage class",
          extra: `<StorageClass>${known.storageClass}</StorageClass>`,
        })
      if (known.body !== undefined)
        return reply(response, call, 200, known.body, { etag: known.etag, 'content-type': 'text/plain' })
    }
    // Keys go through as they are; fauxqs knows no chunked signatures, so it gets the bytes that were in them.
    const {
      authorization: _,
      'x-amz-content-sha256': __,
      'content-encoding': coding,
      'transfer-encoding': ___,
      host: ____,
      expect: _____,
      ...headers
    } = request.headers
    const forwarded =
      coding === undefined || coding === 'aws-chunked' ? headers : { ...headers, 'content-encoding': coding }
    const result = await forward(request.method ?? 'GET', request.url ?? '/', forwarded, body)
    if (result.status < 300) noteWrite(call, body, result)
    const { connection: _c, 'transfer-encoding': _t, ...answered } = result.headers
    if (fault?.instead === 'half') {
      response.writeHead(result.status, answered)
      response.write(result.body.subarray(0, result.body.length >> 1), () => response.destroy())
      return
    }
    reply(response, call, result.status, result.body, answered)
  }

  function noteWrite(call: S3Call, body: Buffer, result: { headers: IncomingMessage['headers']; body: Buffer }): void {
    const id = call.query.get('uploadId') ?? ''
    if (call.operation === 'PutObject') remember(call.key, body.length, String(result.headers.etag))
    if (call.operation === 'DeleteObject') index.delete(call.key)
    if (call.operation === 'UploadPart') uploads.set(id, (uploads.get(id) ?? 0) + body.length)
    if (call.operation === 'CompleteMultipartUpload') {
      const etag = /<ETag>(.*?)<\/ETag>/.exec(result.body.toString())?.[1] ?? ''
      remember(call.key, uploads.get(id) ?? 0, etag.replaceAll(/&(quot|#34);/g, '"'))
    }
  }

  function assumeRole(response: ServerResponse, call: S3Call, form: URLSearchParams): void {
    const { role } = options
    if (
      role === undefined ||
      form.get('RoleArn') !== role.arn ||
      (role.externalId ?? null) !== form.get('ExternalId')
    ) {
      const denied = '<Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRole</Message>'
      reply(
        response,
        call,
        403,
        `<ErrorResponse xmlns="${stsNamespace}"><Error><Type>Sender</Type>${denied}</Error></ErrorResponse>`,
      )
      return
    }
    const given = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex')}`,
      secretAccessKey: randomBytes(20).toString('hex'),
      sessionToken: randomBytes(30).toString('base64'),
    }
    const expiresAt = now() + Number(form.get('DurationSeconds')) * 1000
    accounts.set(given.accessKeyId, { ...given, expiresAt })
    reply(
      response,
      call,
      200,
      `<AssumeRoleResponse xmlns="${stsNamespace}"><AssumeRoleResult><Credentials><AccessKeyId>${given.accessKeyId}</AccessKeyId><SecretAccessKey>${given.secretAccessKey}</SecretAccessKey><SessionToken>${given.sessionToken}</SessionToken><Expiration>${new Date(expiresAt).toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    )
  }

  let pageSize = options.pageSize ?? 1000
  let [peak, running] = [0, 0]
  const server = createServer((request, response) => {
    const call = callOf(request)
    calls.push(call)
    peak = Math.max(peak, ++running)
    response.on('close', () => running--)
    answer(request, response, call).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(`<Error><Code>InternalError</Code><Message>${xml(String(error))}</Message></Error>`)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    setPageSize: (keys) => {
      pageSize = keys
    },
    get peak() {
      return peak
    },
    count: (operation) => calls.filter((call) => call.operation === operation).length,
    async put(key, body, { headers = {}, ...more } = {}) {
      const bytes = Buffer.from(body)
      const { status, headers: answered } = await forward(
        'PUT',
        `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
        headers,
        bytes,
      )
      if (status !== 200) throw new Error(`fauxqs answered ${status} to PUT ${JSON.stringify(key)}`)
      remember(key, bytes.length, String(answered.etag), more)
    },
    remove: (key) => index.delete(key),
    change: (key, what) => index.set({ ...index.get(key)!, ...what }),
    seed(keys) {
      for (const key of keys)
        remember(key, Buffer.byteLength(key), `"${createHash('md5').update(key).digest('hex')}"`, { body: key })
    },
    expireSessions() {
      for (const [id, account] of accounts)
        if (account.expiresAt !== undefined) accounts.set(id, { ...account, expiresAt: 0 })
    },
    calm: () => void faults.splice(0),
    fault: (fault) => void faults.push({ fault, skip: fault.after ?? 0, left: fault.times ?? 1 }),
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
      await fauxqs.stop()
    },
  }
}

function take(faults: { fault: S3Fault; skip: number; left: number }[], call: S3Call): S3Fault | undefined {
  const found = faults.find(
    ({ fault, left }) =>
      left > 0 && (fault.operation ?? call.operation) === call.operation && (fault.key ?? call.key) === call.key,
  )
  if (found === undefined || found.skip-- > 0) return
  found.left--
  return found.fault
}
