import { ConnectorError, checkpoint, defineConnector, type Entry, type SourceConnector } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import { acls } from './acl.ts'
import { readable } from './body.ts'
import { checkBucket } from './check.ts'
import { type OpenBucket, openBucket } from './client.ts'
import { config } from './config.ts'
import { auth } from './credentials.ts'
import { etagOf, keyOf, matcher, toEntry } from './entry.ts'
import { findObject, listObjects } from './listing.ts'
import { store } from './upload.ts'
import { receive, verifyToken } from './webhook.ts'

const s3: SourceConnector = defineConnector({
  name: 's3',
  title: 'Amazon S3',
  description: 'Objects in a bucket of Amazon S3 or of a store that speaks its protocol: MinIO, R2, Ceph, Wasabi.',
  config,
  auth,
  limits: { concurrency: 16 },

  connect: openBucket,
  close: (bucket) => bucket.close(),
  check: (bucket, { signal }) => checkBucket(bucket, signal),

  async *list(bucket, { paths, resume, signal }) {
    const { prefix = '', concurrency } = bucket.config
    const wanted = matcher(bucket.config)
    if (paths !== undefined) {
      for await (const entry of named(bucket, paths, signal)) yield entry
      return
    }
    for await (const { objects, cursor } of listObjects(bucket, { prefix, resume, concurrency, signal })) {
      for (const object of objects) if (wanted(object)) yield toEntry(bucket.config, bucket.region, object)
      yield checkpoint(cursor)
    }
  },

  async read(bucket, entry, { signal }) {
    const key = keyOf(bucket.config, entry)
    const { Body, ContentType } = await bucket.get(key, { etag: etagOf(entry) }, signal)
    const filename = key.replace(/\/+$/, '').split('/').at(-1)
    return {
      body: Body === undefined ? new Uint8Array() : readable(Body.transformToWebStream(), key),
      mimeType: ContentType ?? 'application/octet-stream',
      ...(filename ? { filename } : {}),
    }
  },

  permissions: { acls: (bucket, entries, { signal }) => acls(bucket, entries, signal) },

  webhook: { verify: { kind: 'custom', verify: verifyToken }, receive },

  write: {
    async put(bucket, upload, { signal }) {
      assertInside(bucket, upload.path)
      return toEntry(bucket.config, bucket.region, await store(bucket, upload, signal))
    },
    async remove(bucket, entry, { signal }) {
      const key = keyOf(bucket.config, entry)
      assertInside(bucket, key)
      await bucket.remove(key, signal)
    },
  },

  browse: {
    async *children(bucket, path, { signal }) {
      let token: string | undefined
      do {
        const page = await bucket.page({ prefix: path, delimiter: '/', token }, signal)
        const title = (key: string): string => key.slice(path.length).replace(/(?<=.)\/$/, '')
        for (const prefix of page.prefixes)
          yield { path: prefix, title: title(prefix), hasChildren: true, selectable: true }
        for (const { key } of page.objects)
          if (key !== path) yield { path: key, title: title(key), hasChildren: false, selectable: false }
        token = page.token
      } while (token !== undefined)
    },
  },
})

/** Of these keys and subtrees, what is there. One call a key. */
async function* named(bucket: OpenBucket, paths: readonly string[], signal: AbortSignal): AsyncGenerator<Entry> {
  const { prefix = '', concurrency } = bucket.config
  const wanted = matcher(bucket.config)
  const exact = new Set(paths.filter((path) => !path.endsWith('/') && path.startsWith(prefix)))
  for await (const object of mapConcurrently(exact, concurrency, (key) => findObject(bucket, key, signal)))
    if (object !== undefined && wanted(object)) yield toEntry(bucket.config, bucket.region, object)
  for (const path of new Set(paths.filter((path) => path.endsWith('/')))) {
    const deeper = path.startsWith(prefix) ? path : prefix.startsWith(path) ? prefix : undefined
    if (deeper === undefined) continue
    for await (const { objects } of listObjects(bucket, { prefix: deeper, concurrency, signal }))
      for (const object of objects) if (wanted(object)) yield toEntry(bucket.config, bucket.region, object)
  }
}

/** A connection to a prefix changes nothing beside it. */
function assertInside({ config: { prefix = '' } }: OpenBucket, key: string): void {
  if (key.startsWith(prefix) && key !== '') return
  throw new ConnectorError(
    'unprocessable',
    `${JSON.stringify(key)} is outside this connector's prefix. Begin the path with ${JSON.stringify(prefix)}.`,
  )
}

export default s3
