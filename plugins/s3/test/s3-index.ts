/** An object as the store lists it. */
export interface Indexed {
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly modified: string
  readonly storageClass: string
  /** Its restored copy can be read. */
  readonly restored?: boolean
  /** Who may read it, as `<Grant>` elements. */
  readonly grants?: string
  /** Kept here and not in fauxqs: for large buckets. */
  readonly body?: string
}

/**
 * What fauxqs' listing lacks: the order of UTF-8 bytes, `encoding-type`, storage classes, restores, pages with delimiters,
 * and speed with 100,000 keys. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export class S3Index {
  readonly #objects = new Map<string, Indexed>()
  #sorted: string[] | undefined

  get(key: string): Indexed | undefined {
    return this.#objects.get(key)
  }

  set(object: Indexed): void {
    if (!this.#objects.has(object.key)) this.#sorted = undefined
    this.#objects.set(object.key, object)
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#sorted = undefined
  }

  #keys(): string[] {
    this.#sorted ??= [...this.#objects.keys()]
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .sort((a, b) => a.bytes.compare(b.bytes))
      .map(({ key }) => key)
    return this.#sorted
  }

  /** The XML of one page, or undefined when the continuation token is none of ours. */
  page(
    bucket: string,
    query: URLSearchParams,
    options: { readonly restores: boolean; readonly pageSize: number },
  ): string | undefined {
    const prefix = query.get('prefix') ?? ''
    const delimiter = query.get('delimiter') ?? ''
    const limit = Math.min(Number(query.get('max-keys') ?? 1000), options.pageSize)
    const token = query.get('continuation-token')
    if (token !== null && !token.startsWith('t:')) return
    const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token.slice(2), 'base64').toString()
    const encoded = query.get('encoding-type') === 'url'
    const write = (text: string): string => xml(encoded ? encodeURIComponent(text).replaceAll('%2F', '/') : text)
    const items: string[] = []
    let [last, truncated, common] = ['', false, '']
    const keys = this.#keys()
    for (let at = Math.max(this.#first(prefix), after === '' ? 0 : this.#first(after, true)); at < keys.length; at++) {
      const key = keys[at]!
      if (!key.startsWith(prefix)) break
      if (token !== null && delimiter !== '' && after.endsWith(delimiter) && key.startsWith(after)) continue
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
      const group = cut < 0 ? '' : key.slice(0, cut + delimiter.length)
      if (group !== '' && group === common) continue
      if (items.length === limit) {
        truncated = true
        break
      }
      common = group
      last = group === '' ? key : group
      items.push(
        group === ''
          ? this.#contents(key, write, options.restores)
          : `<CommonPrefixes><Prefix>${write(group)}</Prefix></CommonPrefixes>`,
      )
    }
    const next = truncated
      ? `<NextContinuationToken>t:${Buffer.from(last).toString('base64')}</NextContinuationToken>`
      : ''
    return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${xml(bucket)}</Name><Prefix>${write(prefix)}</Prefix>${encoded ? '<EncodingType>url</EncodingType>' : ''}<KeyCount>${items.length}</KeyCount><MaxKeys>${limit}</MaxKeys><IsTruncated>${truncated}</IsTruncated>${next}${items.join('')}</ListBucketResult>`
  }

  /** Where keys begin that are at least `bound`, or beyond it. */
  #first(bound: string, beyond = false): number {
    const keys = this.#keys()
    const bytes = Buffer.from(bound)
    let [low, high] = [0, keys.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (Buffer.from(keys[middle]!).compare(bytes) < (beyond ? 1 : 0)) low = middle + 1
      else high = middle
    }
    return low
  }

  #contents(key: string, write: (text: string) => string, restoreStatus: boolean): string {
    const { size, etag, modified, storageClass, restored } = this.#objects.get(key)!
    const restore =
      restoreStatus && restored
        ? '<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2099-01-01T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>'
        : ''
    return `<Contents><Key>${write(key)}</Key><LastModified>${modified}</LastModified><ETag>${xml(etag)}</ETag><Size>${size}</Size><StorageClass>${storageClass}</StorageClass>${restore}</Contents>`
  }
}

export function xml(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
