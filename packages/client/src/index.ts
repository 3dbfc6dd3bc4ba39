export { CxClient, type SearchOptions } from './client.ts'
export { CxError, type CxErrorCode, type CxErrorOptions, isCxError } from './error.ts'
export type { EventOptions, SyncEvent, SyncEventFailure } from './events.ts'
export type {
  Access,
  ApiKey,
  Chunk,
  Collection,
  Connector,
  ConnectorSummary,
  ConnectorType,
  // `Document` and `File` are names of the web platform.
  Document as IndexedDocument,
  ErrorCode,
  File as SourceFile,
  Operations,
  Progress,
  SearchResult,
  StartedJob,
  SyncFailure,
  SyncJob,
  TestResult,
  Webhook,
  WebhookDelivery,
  WebhookTest,
} from './generated/api.ts'
export type { Listing, Page } from './listing.ts'
export type { Upload, UploadContent } from './multipart.ts'
export type { NewApiKey } from './resources/api-keys.ts'
export type { SyncOptions, WaitOptions } from './resources/connectors.ts'
export type { UploadOptions } from './resources/files.ts'
export type { NewWebhook } from './resources/webhooks.ts'
export type { RetryOptions } from './retry.ts'
export type { CallOptions, CxClientOptions } from './transport.ts'
