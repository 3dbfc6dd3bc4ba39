import { createHash } from 'node:crypto'
import type { Entry, Log } from '@cx/core'
import { ConnectorError } from '@cx/core'
import { articleParts } from './article.ts'
import type { SignInOptions } from './auth.ts'
import { childKinds, childMarks } from './children.ts'
import { Client, type Row } from './client.ts'
import type { Config } from './config.ts'
import { type ObjectInfo, Schema } from './describe.ts'
import { concernsPart } from './errors.ts'
import { filePart } from './file.ts'
import type { Part } from './part.ts'
import { Reader } from './reader.ts'
import { recordPart } from './record.ts'
import { Sharing } from './sharing.ts'

/** A part of the configuration that cannot be synced now. */
export interface Missing {
  readonly path: string
  readonly error: unknown
}

/** Changed within its last second of the server's clock: it may change again under the same time. */
const hotMs = 2_000

/** One run's connection to an organisation. */
export class Session {
  readonly client: Client
  readonly schema: Schema
  readonly config: Config
  readonly log: Log
  readonly reader: Reader
  readonly sharing: Sharing
  #parts: Promise<{ readonly parts: readonly Part[]; readonly missing: readonly Missing[] }> | undefined

  private constructor(client: Client, config: Config, log: Log) {
    this.client = client
    this.config = config
    this.log = log
    this.schema = new Schema(client)
    this.reader = new Reader(this)
    this.sharing = new Sharing(this)
  }

  static async open(options: SignInOptions & { readonly log: Log }): Promise<Session> {
    return new Session(await Client.open(options), options.config, options.log)
  }

  /** What is to be listed, in its order. @throws ConnectorError when nothing of it can be */
  parts(signal: AbortSignal): Promise<{ readonly parts: readonly Part[]; readonly missing: readonly Missing[] }> {
    const made = this.#parts ?? this.#plan(signal)
    this.#parts = made
    made.catch(() => {
      this.#parts = undefined
    })
    return made
  }

  /** After a field or object has gone: the parts are made anew from what is visible now. */
  forgetParts(object: string): void {
    this.schema.forget(object)
    this.#parts = undefined
  }

  async #plan(signal: AbortSignal): Promise<{ readonly parts: readonly Part[]; readonly missing: readonly Missing[] }> {
    const { config, client, schema } = this
    const parts: Part[] = []
    const missing: Missing[] = []
    const attempt = async (path: string, make: () => Promise<readonly Part[]>) => {
      try {
        parts.push(...(await make()))
      } catch (error) {
        if (!concernsPart(error)) throw error
        missing.push({ path, error })
      }
    }
    const names = new Map(config.objects.map((name) => [name.toLowerCase(), name]))
    for (const name of names.values()) await attempt(`${name}/`, async () => [await this.#records(name, signal)])
    if (config.includeFiles)
      await attempt('ContentDocument/', async () => {
        await schema.object('ContentVersion', signal)
        return [filePart(config, client.instanceUrl)]
      })
    if (config.includeKnowledge) await attempt('Knowledge__kav/', () => this.#articles(signal))
    if (parts.length === 0)
      throw missing[0]
        ? misconfigured(missing[0].error)
        : new ConnectorError('misconfigured', 'Nothing is chosen: name objects, or include files or Knowledge.')
    return { parts, missing }
  }

  async #records(name: string, signal: AbortSignal): Promise<Part> {
    const info = await this.schema.object(name, signal)
    const description = await this.schema.describe(info.name, signal)
    return recordPart(info, description, this.config, {
      instanceUrl: this.client.instanceUrl,
      name,
      children: childKinds(info, await this.schema.objects(signal), {
        includeComments: this.config.includeComments,
        includeFeed: this.config.includeFeed,
        feedEnabled: description.feedEnabled ?? info.feedEnabled ?? false,
      }),
    })
  }

  async #articles(signal: AbortSignal): Promise<readonly Part[]> {
    const kinds = [...(await this.schema.objects(signal)).values()].filter(
      (one) => one.name.endsWith('__kav') && one.queryable,
    )
    if (kinds.length === 0)
      throw new ConnectorError('forbidden', 'Knowledge is not enabled, or the integration user may not read it.', {
        remediation:
          'Enable Lightning Knowledge and give the integration user read access to Knowledge, or leave it out.',
      })
    const parts: Part[] = []
    for (const { name } of kinds)
      parts.push(...articleParts(await this.schema.describe(name, signal), this.client.instanceUrl))
    return parts
  }

  /** Entries of rows as they were just read, with the marks of their children. */
  async entries(part: Part, rows: readonly Row[], signal: AbortSignal): Promise<Entry[]> {
    const at = this.client.serverTime
    const shape = shapeOf(part.object, this.config)
    const entries = rows.map((row) => part.entry(row))
    const marks =
      part.children.length === 0
        ? undefined
        : await childMarks(
            this.client,
            part.children,
            entries.map(({ id }) => id),
            signal,
          )
    return entries.map((entry) => {
      const age = at - Date.parse(entry.updatedAt ?? '')
      const mark = marks?.get(entry.id)
      return {
        ...entry,
        version: `${entry.version}${shape}${mark ? ` ${mark}` : ''}${age >= 0 && age < hotMs ? '~' : ''}`,
      }
    })
  }

  async objectByPrefix(id: string, signal: AbortSignal): Promise<ObjectInfo | undefined> {
    const prefix = id.slice(0, 3)
    for (const info of (await this.schema.objects(signal)).values()) if (info.keyPrefix === prefix) return info
    return undefined
  }
}

/** Fields that are left out change a text whose record has not changed. */
function shapeOf(object: string, { excludeFields }: Config): string {
  const own = excludeFields.filter((one) => one.toLowerCase().startsWith(`${object.toLowerCase()}.`)).sort()
  return own.length === 0 ? '' : ` ${createHash('sha256').update(own.join()).digest('base64url').slice(0, 6)}`
}

/** Nothing at all can be listed: the run fails with the sentence of the first part. */
function misconfigured(error: unknown): ConnectorError {
  const { code, message, remediation } = error as ConnectorError
  return new ConnectorError(code === 'forbidden' ? 'forbidden' : 'misconfigured', message, {
    ...(remediation ? { remediation } : {}),
    cause: error,
  })
}
