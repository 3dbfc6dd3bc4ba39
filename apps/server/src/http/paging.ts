import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Json } from '@cx/core'
import type { Page, PageRequest } from '@cx/store'
import { requestPath } from '../request-context.ts'
import { invalid } from './errors.ts'
import { list, type Reply } from './route.ts'

/** Query parameters of every list. */
export const pagingParameters = {
  page: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    description: 'Number of the page, from 1. Slow at great depth: prefer `cursor`.',
  },
  limit: { type: 'integer', minimum: 1, maximum: 100, description: 'Rows of a page; 20 unless told.' },
  cursor: { type: 'string', minLength: 1, maxLength: 4000, description: '`meta.nextCursor` of the page before.' },
} as const

export interface Paging {
  readonly page?: number
  readonly limit?: number
  readonly cursor?: string
}

const defaultLimit = 20

/** What to ask the store for. @throws ApiError when both ways are used at once. */
export function pageRequest({ page, limit = defaultLimit, cursor }: Paging): PageRequest {
  if (page !== undefined && cursor !== undefined)
    throw invalid([{ path: '/cursor', message: 'cannot be combined with page: use one of them' }])
  if (cursor !== undefined) return { limit, after: openCursor(cursor) as string }
  return page === undefined || page === 1 ? { limit } : { limit, offset: (page - 1) * limit }
}

/** One page of rows in the envelope. */
export function listPage<T>(paging: Paging, { rows, total, next }: Page<T>, view: (row: T) => unknown): Reply {
  return list(rows.map(view), {
    ...(paging.cursor === undefined && { page: paging.page ?? 1 }),
    limit: paging.limit ?? defaultLimit,
    total,
    nextCursor: next === undefined ? null : sealCursor(next),
  })
}

// Cursors are signed, so that what comes back into a query or a connector is what went out.
interface SigningKey {
  readonly inner: string
  readonly outer: string
}

// Several hosts in one process, as in tests, have one key each; the last one signs.
const keys: SigningKey[] = [keyFrom(randomBytes(32))]
const mostKeys = 20

/** Makes cursors outlive this process: `secret` is the same the next time, and in every process of this installation. */
export function signCursorsWith(secret: Uint8Array): void {
  keys.unshift(keyFrom(secret))
  keys.splice(mostKeys)
}

function keyFrom(secret: Uint8Array): SigningKey {
  const part = (name: string) => createHmac('sha256', secret).update(`cursors of lists: ${name}`).digest('hex')
  return { inner: part('inner'), outer: part('outer') }
}

/** Makes an opaque cursor. */
export function sealCursor(position: Json): string {
  const text = Buffer.from(JSON.stringify(position)).toString('base64url')
  return `${text}.${sign(text, keys[0]!).toString('base64url')}`
}

/** @throws ApiError when it is not one of ours. */
export function openCursor(cursor: string): Json {
  const [text = '', signature = ''] = cursor.split('.')
  const given = Buffer.from(signature, 'base64url')
  if (!keys.some((key) => isEqual(given, sign(text, key))))
    throw invalid([
      {
        path: '/cursor',
        message:
          'is not a cursor of this list, or the encryption key was changed since it was given: leave it out to begin again',
      },
    ])
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Json
}

/**
 * For the list it was made for: a place in one means nothing in another. A hash of a hash, each with a key of its own, as
 * HMAC is made: `createHmac` takes a fifth of the time of a whole list.
 */
function sign(text: string, { inner, outer }: SigningKey): Buffer {
  return hash(
    'sha256',
    outer +
      hash(
        'sha256',
        `${inner}${requestPath()}
${text}`,
      ),
    'buffer',
  ).subarray(0, 12)
}

function isEqual(given: Buffer, right: Buffer): boolean {
  return given.length === right.length && timingSafeEqual(given, right)
}
