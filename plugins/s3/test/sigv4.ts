import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** What the store knows about a key pair. */
export interface Account {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** Epoch milliseconds. */
  readonly expiresAt?: number | undefined
}

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  /** More XML inside the error. */
  readonly extra?: string
}

export interface Signed {
  readonly account: Account
  readonly scope: string
  readonly date: string
  readonly key: Buffer
  readonly signature: string
}

const skewMs = 15 * 60_000

/**
 * Checks an `Authorization` header as S3 does.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function verify(
  request: IncomingMessage,
  options: { readonly accounts: ReadonlyMap<string, Account>; readonly region: string; readonly now: number },
): Signed | Refusal {
  const header =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/(s3|sts)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    )
  if (header === null)
    return { status: 400, code: 'AuthorizationHeaderMalformed', message: 'The authorization header is malformed.' }
  const [, id = '', day = '', region = '', service = '', names = '', signature = ''] = header
  const account = options.accounts.get(id)
  if (account === undefined)
    return {
      status: 403,
      code: 'InvalidAccessKeyId',
      message: 'The AWS Access Key Id you provided does not exist in our records.',
    }
  if (region !== options.region)
    return {
      status: 400,
      code: 'AuthorizationHeaderMalformed',
      message: `The authorization header is malformed; the region '${region}' is wrong; expecting '${options.region}'`,
      extra: `<Region>${options.region}</Region>`,
    }
  const date = String(request.headers['x-amz-date'] ?? '')
  const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(time - options.now) <= skewMs))
    return {
      status: 403,
      code: 'RequestTimeTooSkewed',
      message: 'The difference between the request time and the current time is too large.',
    }
  const token = request.headers['x-amz-security-token']
  if (account.sessionToken !== token)
    return { status: 400, code: 'InvalidToken', message: 'The provided token is malformed or otherwise invalid.' }
  if (account.expiresAt !== undefined && account.expiresAt < options.now)
    return { status: 400, code: 'ExpiredToken', message: 'The provided token has expired.' }
  const scope = `${day}/${region}/${service}/aws4_request`
  const key = [day, region, service, 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${account.secretAccessKey}`))
  const signed = { account, scope, date, key, signature }
  const unsigned = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))].filter(
    (name) => !names.split(';').includes(name),
  )
  const expected = sign(signed, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical(request, names, service))])
  if (unsigned.length > 0 || !equal(expected, signature))
    return {
      status: 403,
      code: 'SignatureDoesNotMatch',
      message: 'The request signature we calculated does not match the signature you provided.',
    }
  return signed
}

/** What arrived, out of its chunks where there are some; a refusal when it is not what was signed. */
export function payload(request: IncomingMessage, body: Buffer, signed: Signed | undefined): Buffer | Refusal {
  const declared = String(request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD')
  const wrong = {
    status: 400,
    code: 'XAmzContentSHA256Mismatch',
    message: 'The provided x-amz-content-sha256 header does not match what was computed.',
  }
  if (declared === 'UNSIGNED-PAYLOAD') return body
  if (!declared.startsWith('STREAMING-')) return sha256(body) === declared ? body : wrong
  const parts: Buffer[] = []
  let previous = signed?.signature ?? ''
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at)
    const head = /^([0-9a-f]+)(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(body.toString('latin1', at, end))
    if (end < 0 || head === null) return wrong
    const data = body.subarray(end + 2, end + 2 + Number.parseInt(head[1]!, 16))
    if (head[2] !== undefined && signed !== undefined) {
      const text = ['AWS4-HMAC-SHA256-PAYLOAD', signed.date, signed.scope, previous, sha256(''), sha256(data)]
      if (!equal(sign(signed, text), head[2]))
        return { status: 403, code: 'SignatureDoesNotMatch', message: 'A chunk does not match its signature.' }
      previous = head[2]
    } else if (declared.startsWith('STREAMING-AWS4-HMAC')) return wrong
    if (data.length === 0) return Buffer.concat(parts)
    parts.push(data)
    at = end + 2 + data.length + 2
  }
}

/** A path as S3 signs it: each byte outside the unreserved ones escaped once; nothing is normalised. */
function canonical(request: IncomingMessage, names: string, service: string): string {
  const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s)
  const pairs = query === '' ? [] : query.split('&').map((pair) => pair.split(/=(.*)/s).slice(0, 2))
  const sorted = pairs.map(([name = '', value = '']) => `${percent(name)}=${percent(value)}`).sort()
  const headers = names.split(';').map(
    (name) =>
      `${name}:${String(request.headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  )
  const uri = service === 's3' ? path.split('/').map(percent).join('/') : path
  const hash = String(request.headers['x-amz-content-sha256'] ?? '')
  return [request.method, uri, sorted.join('&'), headers.join(''), names, hash].join('\n')
}

function percent(text: string): string {
  return encodeURIComponent(decodeURIComponent(text)).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function sign({ key }: Signed | { key: Buffer }, lines: readonly string[]): string {
  return hmac(key, lines.join('\n')).toString('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
