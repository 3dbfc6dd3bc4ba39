import type { IncomingMessage, ServerResponse } from 'node:http'
import { xml } from './s3-index.ts'
import type { Refusal } from './sigv4.ts'

/** One request that passed, or should have. */
export interface S3Call {
  readonly operation: string
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  status: number
}

export async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export function callOf(request: IncomingMessage): S3Call {
  const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s)
  const [, bucket = '', encoded = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? []
  const call = {
    bucket,
    key: decodeURIComponent(encoded),
    query: new URLSearchParams(query),
    headers: request.headers,
    status: 0,
  }
  return { ...call, operation: operationOf(request.method ?? 'GET', call) }
}

function operationOf(method: string, { bucket, key, query }: Pick<S3Call, 'bucket' | 'key' | 'query'>): string {
  if (bucket === '') return method === 'POST' ? 'AssumeRole' : 'ListBuckets'
  if (key === '' && query.has('ownershipControls')) return 'GetBucketOwnershipControls'
  if (key === '' && query.has('publicAccessBlock')) return 'GetPublicAccessBlock'
  if (key === '') return method === 'GET' ? 'ListObjectsV2' : `${method}Bucket`
  if (query.has('acl')) return 'GetObjectAcl'
  if (query.has('uploads')) return 'CreateMultipartUpload'
  if (query.has('uploadId'))
    return { PUT: 'UploadPart', POST: 'CompleteMultipartUpload', DELETE: 'AbortMultipartUpload' }[method] ?? method
  return { GET: 'GetObject', PUT: 'PutObject', DELETE: 'DeleteObject', HEAD: 'HeadObject' }[method] ?? method
}

export function refuse(
  response: ServerResponse,
  call: S3Call,
  { status, code, message, extra = '' }: Refusal,
  headers = {},
): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${xml(message)}</Message>${extra}<RequestId>TEST</RequestId></Error>`
  reply(response, call, status, code === '' ? '' : body, headers)
}

export function reply(
  response: ServerResponse,
  call: S3Call,
  status: number,
  body: string | Buffer,
  headers: IncomingMessage['headers'] = {},
): void {
  call.status = status
  const bytes = Buffer.from(body)
  response.writeHead(status, { 'content-type': 'application/xml', ...headers, 'content-length': bytes.length })
  response.end(bytes)
}
