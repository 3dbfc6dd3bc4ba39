import { createHash, timingSafeEqual } from 'node:crypto'
import { affected, type Delivery, ignored, type Receipt, resync } from '@cx/core'
import { decode } from './client.ts'
import type { S3Config } from './config.ts'

/** MinIO: `Authorization: Bearer <auth_token>`. EventBridge: the API destination's connection sends the same header, or this one. */
const tokenHeader = 'x-cx-token'

/** Compares the shared token. SNS signs with a certificate that would have to be fetched: not taken, see README. */
export function verifyToken({ headers }: Delivery, secret: string): boolean {
  const given = headers.get(tokenHeader) ?? headers.get('authorization')?.replace(/^Bearer /i, '')
  return secret !== '' && given !== undefined && timingSafeEqual(digest(given), digest(secret))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

interface Notification {
  readonly Records?: readonly {
    readonly s3?: { readonly bucket?: { readonly name?: string }; readonly object?: { readonly key?: string } }
  }[]
  readonly Event?: string
  readonly id?: string
  readonly source?: string
  readonly detail?: { readonly bucket?: { readonly name?: string }; readonly object?: { readonly key?: string } }
}

/**
 * Created, removed, expired, restored: all mean that the key is to be looked at again, since events come late, twice and
 * in any order. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function receive(delivery: Delivery, config: S3Config): Receipt {
  const message = parse(delivery.body)
  if (message === undefined) return ignored('The body is no JSON object.')
  if (message.Event === 's3:TestEvent') return ignored('A test of the notification.')
  const objects =
    message.detail === undefined
      ? encoded(message)
      : [message.detail].map(({ bucket, object }) => ({ bucket: bucket?.name, key: object?.key }))
  if (objects.length === 0) return ignored('It tells of no object.')
  const ours = objects.filter(({ bucket }) => bucket === config.bucket)
  if (ours.length === 0) return ignored('It tells of another bucket.')
  if (ours.some(({ key }) => !key)) return resync('An event named no key.')
  const keys = [...new Set(ours.map(({ key }) => key ?? ''))].filter((key) => key.startsWith(config.prefix ?? ''))
  // In `paths` a trailing slash means the subtree, which holds the object of that name too.
  return keys.length === 0 ? ignored('It tells of keys outside the prefix.') : affected(keys, message.id)
}

/** Keys in records are form-encoded; those of EventBridge are as they are. */
function encoded({ Records = [] }: Notification): readonly { bucket: string | undefined; key: string | undefined }[] {
  return Records.map(({ s3 }) => ({
    bucket: s3?.bucket?.name,
    key: s3?.object?.key === undefined ? undefined : decode(s3.object.key),
  }))
}

function parse(body: Uint8Array): Notification | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return
  }
}
