import type { Json } from '@cx/core'
import type { JobStatus } from '@cx/core/engine'
import type { Page, PageRequest } from './page.ts'

export interface Connector {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly collectionId: string
  readonly collectionName: string
  readonly config: Readonly<Record<string, Json>>
  readonly enabled: boolean
  /** `inactive` until OAuth is finished. */
  readonly activated: boolean
  /** The last sync could not authenticate or list; cleared by the next success. */
  readonly lastError: { readonly code: string; readonly message: string; readonly at: number } | null
  readonly schedule: string | null
  readonly timezone: string
  /** The next scheduled run; null without a schedule, or until it is worked out. */
  readonly nextSyncAt: number | null
  readonly limits: { readonly maxFileBytes: number }
  readonly tenant: string | null
  /** Auth method of the stored credentials, and their masked hints. */
  readonly credentials: { readonly method: string; readonly hints: Readonly<Record<string, string>> } | null
  readonly lastSync: { readonly jobId: string; readonly status: JobStatus; readonly completedAt: number } | null
  readonly createdAt: number
  readonly updatedAt: number
}

export type NewConnector = Pick<
  Connector,
  'name' | 'type' | 'collectionId' | 'config' | 'enabled' | 'activated' | 'schedule' | 'timezone' | 'limits'
>

export type ConnectorPatch = Partial<
  Pick<
    Connector,
    'name' | 'config' | 'enabled' | 'activated' | 'schedule' | 'timezone' | 'limits' | 'lastError' | 'tenant'
  >
>

/** Connectors. Times are epoch milliseconds. Absent rows are `undefined`. */
export interface ConnectorStore {
  createConnector(connector: NewConnector): Promise<Connector>
  connectors(
    page: PageRequest & {
      readonly type?: string
      readonly collectionIds?: readonly string[]
      readonly status?: 'active' | 'paused' | 'error' | 'inactive'
    },
  ): Promise<Page<Connector>>
  getConnector(id: string): Promise<Connector | undefined>
  updateConnector(id: string, patch: ConnectorPatch): Promise<Connector | undefined>
  /** Hides it from every list at once; `purgeConnector` then removes what it had. */
  deleteConnector(id: string): Promise<boolean>
  /** Removes up to `limit` documents of a deleted connector with their chunks, at last the connector itself. True when nothing is left. */
  purgeConnector(id: string, limit: number): Promise<boolean>
  /** Deleted connectors that still have rows. */
  unpurged(): Promise<readonly string[]>
}
