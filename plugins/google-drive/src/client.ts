import { ConnectorError, isConnectorError } from '@cx/core'
import { createHttp, type Http, type HttpCall } from '@cx/core/http'
import { driveError, isBadToken } from './errors.ts'
import type { DriveFile, DrivePermission, DriveUser } from './item.ts'
import { folderFields, permissionFields } from './item.ts'
import { Quota, units } from './quota.ts'

export interface ClientOptions {
  readonly apiUrl: string
  readonly fetch: typeof globalThis.fetch
  readonly authorize: (refused: boolean) => Promise<Readonly<Record<string, string>>>
  readonly unitsPerMinute: number
}

export interface SharedDrive {
  readonly id: string
  readonly name: string
}

export interface FilesQuery {
  /** A shared drive, or undefined for the files outside. */
  readonly driveId?: string | undefined
  readonly corpus?: 'user' | 'domain' | 'allDrives'
  readonly q: string
  /** Of each file. */
  readonly fields: string
}

export interface FilesPage {
  readonly files: readonly DriveFile[]
  readonly next: string | undefined
  /** Google did not look everywhere: what is missing may well be there. */
  readonly incomplete: boolean
}

export interface DriveChange {
  readonly changeType?: string
  readonly removed?: boolean
  readonly fileId?: string
  readonly driveId?: string
  readonly file?: DriveFile
}

type Call = Omit<HttpCall, 'signal'> & { readonly cost?: number }

const pageSize = 1000
const attempts = 7
const everywhere = { supportsAllDrives: true } as const

/** The calls of the Drive API that a sync makes. */
export class Drive {
  readonly #http: Http
  readonly #directory: Http
  readonly #quota: Quota
  readonly #origin: string

  constructor({ apiUrl, fetch, authorize, unitsPerMinute }: ClientOptions) {
    const root = apiUrl.replace(/\/+$/, '').replace(/\/drive\/v\d+$/, '')
    const google = new URL(root).host.endsWith('.googleapis.com')
    const shared = { fetch, authorize, errorOf: driveError, vendor: 'Google Drive' }
    this.#http = createHttp({
      ...shared,
      baseUrl: `${root}/drive/v3`,
      // Where export links lead.
      trustedHosts: google ? ['docs.google.com', 'www.googleapis.com'] : [],
    })
    const directory = google ? 'https://admin.googleapis.com' : root
    this.#directory = createHttp({ ...shared, baseUrl: `${directory}/admin/directory/v1` })
    this.#origin = new URL(root).origin
    this.#quota = new Quota({ unitsPerMinute })
  }

  async about(signal: AbortSignal): Promise<DriveUser> {
    const answer = await this.#json<{ user?: DriveUser }>(
      'about',
      { query: { fields: 'user(displayName,emailAddress,permissionId)' } },
      signal,
    )
    return answer.user ?? {}
  }

  get(id: string, fields: string, signal: AbortSignal, resourceKey?: string): Promise<DriveFile> {
    return this.#json(
      `files/${encodeURIComponent(id)}`,
      { query: { ...everywhere, fields }, headers: resourceKeys(id, resourceKey) },
      signal,
    )
  }

  async page(
    query: FilesQuery,
    token: string | undefined,
    signal: AbortSignal,
    size: number = pageSize,
  ): Promise<FilesPage> {
    const { driveId, corpus = 'user', q, fields } = query
    const answer = await this.#json<{
      files?: readonly DriveFile[]
      nextPageToken?: string
      incompleteSearch?: boolean
    }>(
      'files',
      {
        cost: units.list,
        query: {
          ...everywhere,
          includeItemsFromAllDrives: true,
          corpora: driveId === undefined ? corpus : 'drive',
          driveId,
          q,
          pageSize: size,
          pageToken: token,
          fields: `nextPageToken,incompleteSearch,files(${fields})`,
        },
      },
      signal,
    )
    return {
      files: answer.files ?? [],
      next: answer.nextPageToken || undefined,
      incomplete: answer.incompleteSearch === true,
    }
  }

  /** All pages; from the first one again, once, when Google no longer takes a token: they live for hours only. */
  async *pages(query: FilesQuery, signal: AbortSignal, from?: string): AsyncGenerator<FilesPage, void, void> {
    let token = from
    for (let restarted = false; ; ) {
      let page: FilesPage
      try {
        page = await this.page(query, token, signal)
      } catch (error) {
        if (token === undefined || restarted || !isBadToken(error)) throw error
        restarted = true
        token = undefined
        continue
      }
      yield page
      if (page.next === undefined) return
      if (page.next === token) throw new Error('Google Drive handed out the same page token twice.')
      token = page.next
    }
  }

  async *drives(signal: AbortSignal): AsyncGenerator<SharedDrive, void, void> {
    let pageToken: string | undefined
    do {
      const query = { pageSize: 100, pageToken, fields: 'nextPageToken,drives(id,name)' }
      const answer = await this.#json<{ drives?: readonly SharedDrive[]; nextPageToken?: string }>(
        'drives',
        { query, cost: units.list },
        signal,
      )
      yield* answer.drives ?? []
      pageToken = answer.nextPageToken || undefined
    } while (pageToken !== undefined)
  }

  drive(id: string, signal: AbortSignal): Promise<SharedDrive> {
    return this.#json(`drives/${encodeURIComponent(id)}`, { query: { fields: 'id,name' } }, signal)
  }

  folder(id: string, signal: AbortSignal): Promise<DriveFile> {
    return this.get(id, folderFields, signal)
  }

  async permissions(id: string, signal: AbortSignal): Promise<readonly DrivePermission[]> {
    const all: DrivePermission[] = []
    let pageToken: string | undefined
    do {
      const query = {
        ...everywhere,
        pageSize: 100,
        pageToken,
        fields: `nextPageToken,permissions(${permissionFields})`,
      }
      const answer = await this.#json<{ permissions?: readonly DrivePermission[]; nextPageToken?: string }>(
        `files/${encodeURIComponent(id)}/permissions`,
        { query, cost: units.list },
        signal,
      )
      all.push(...(answer.permissions ?? []))
      pageToken = answer.nextPageToken || undefined
    } while (pageToken !== undefined)
    return all
  }

  async startPageToken(driveId: string | undefined, signal: AbortSignal): Promise<string> {
    const answer = await this.#json<{ startPageToken: string }>(
      'changes/startPageToken',
      { query: { ...everywhere, driveId } },
      signal,
    )
    return answer.startPageToken
  }

  changes(
    log: { readonly driveId: string | undefined; readonly pageToken: string; readonly fields: string },
    signal: AbortSignal,
  ): Promise<{
    readonly changes?: readonly DriveChange[]
    readonly nextPageToken?: string
    readonly newStartPageToken?: string
  }> {
    const { driveId, pageToken, fields } = log
    const query = {
      ...everywhere,
      includeItemsFromAllDrives: true,
      includeRemoved: true,
      includeCorpusRemovals: true,
      pageSize,
      pageToken,
      driveId,
      fields: `nextPageToken,newStartPageToken,changes(changeType,removed,fileId,driveId,file(${fields}))`,
    }
    return this.#json('changes', { query, cost: units.list }, signal)
  }

  /** https://developers.google.com/workspace/drive/api/reference/rest/v3/changes/watch */
  watch(
    log: { readonly driveId: string | undefined; readonly pageToken: string },
    channel: object,
    signal: AbortSignal,
  ): Promise<{ readonly resourceId: string; readonly expiration?: string }> {
    const query = {
      ...everywhere,
      includeItemsFromAllDrives: true,
      includeRemoved: true,
      pageToken: log.pageToken,
      driveId: log.driveId,
    }
    return this.#json('changes/watch', { method: 'POST', query, json: channel, cost: 50 }, signal)
  }

  async stop(channel: { readonly id: string; readonly resourceId: string }, signal: AbortSignal): Promise<void> {
    const response = await this.#send(
      (call) => this.#http.call('channels/stop', call),
      { method: 'POST', json: channel },
      signal,
    )
    await response.body?.cancel()
  }

  /** The bytes of a file that has some. */
  download(
    id: string,
    options: {
      readonly resourceKey?: string | undefined
      readonly acknowledgeAbuse?: boolean
      readonly range?: string
    },
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const { resourceKey, acknowledgeAbuse, range } = options
    const query = { ...everywhere, alt: 'media', ...(acknowledgeAbuse ? { acknowledgeAbuse: true } : {}) }
    const headers = { accept: '*/*', ...resourceKeys(id, resourceKey), ...(range ? { range } : {}) }
    return this.#stream(`files/${encodeURIComponent(id)}`, { query, headers, cost: units.download }, signal)
  }

  /** A Google document in another format; at most 10 MB. */
  export(
    id: string,
    mimeType: string,
    resourceKey: string | undefined,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const headers = { accept: '*/*', ...resourceKeys(id, resourceKey) }
    return this.#stream(
      `files/${encodeURIComponent(id)}/export`,
      { query: { mimeType }, headers, cost: units.download },
      signal,
    )
  }

  /** An address that Google gave; credentials go to Google's own hosts only. */
  async fetchLink(url: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { protocol, origin } = new URL(url)
    if (protocol !== 'https:' && origin !== this.#origin)
      throw new ConnectorError('unprocessable', `Google gave an address that is not https, at ${new URL(url).host}.`)
    const call = { headers: { accept: '*/*' }, cost: units.download }
    const response = await this.#send((given) => this.#http.call(url, given), call, signal)
    // None of the formats is HTML: it is a page to sign in at.
    if (response.headers.get('content-type')?.startsWith('text/html')) {
      await response.body?.cancel()
      throw new ConnectorError('forbidden', 'Google answered a download with a page to sign in at.')
    }
    return response.body ?? new Blob([]).stream()
  }

  startDownload(id: string, mimeType: string, signal: AbortSignal): Promise<Operation> {
    return this.#json(
      `files/${encodeURIComponent(id)}/download`,
      { method: 'POST', query: { mimeType }, cost: units.download },
      signal,
    )
  }

  operation(name: string, signal: AbortSignal): Promise<Operation> {
    return this.#json(`operations/${encodeURIComponent(name.replace(/^operations\//, ''))}`, {}, signal)
  }

  directory<T>(
    path: string,
    query: Readonly<Record<string, string | number | undefined>>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#send((call) => this.#directory.json<T>(path, call), { query }, signal)
  }

  #json<T>(path: string, call: Call, signal: AbortSignal): Promise<T> {
    return this.#send((given) => this.#http.json<T>(path, given), call, signal)
  }

  #stream(path: string, call: Call, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this.#send((given) => this.#http.stream(path, given), call, signal)
  }

  /** Google says "slow down" by a 403 that the host's `fetch` cannot know: waited for here, by all calls together. */
  async #send<T>(
    work: (call: HttpCall) => Promise<T>,
    { cost = units.get, ...call }: Call,
    signal: AbortSignal,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      await this.#quota.turn(cost, signal)
      try {
        const result = await work({ ...call, signal })
        this.#quota.passed()
        return result
      } catch (error) {
        if (!isConnectorError(error) || error.code !== 'rate_limited') {
          this.#quota.passed()
          throw error
        }
        const { retryAfterMs } = error
        this.#quota.refused(retryAfterMs)
        if (retryAfterMs !== undefined || attempt >= attempts) throw error
      }
    }
  }
}

export interface Operation {
  readonly name: string
  readonly done?: boolean
  readonly response?: { readonly downloadUri?: string }
  readonly error?: { readonly message?: string }
}

/** Files shared by link before 2021 are found only with their key. https://developers.google.com/workspace/drive/api/guides/resource-keys */
function resourceKeys(id: string, key: string | undefined): Record<string, string> {
  return key ? { 'x-goog-drive-resource-keys': `${id}/${key}` } : {}
}
