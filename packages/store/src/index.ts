export { type IdPrefix, newId } from './id.ts'
export { addKey, createKeyring, type Keyring, type KeyringOptions, keyFilePollMs, openKeyring } from './keyring.ts'
export { releaseMemory } from './memory.ts'
export type { Freshness, Refresher, StoredCredentials } from './refresh.ts'
export {
  joinSqliteStore,
  openSqliteStore,
  type SharedStore,
  type SqliteStore,
  type SqliteStoreOptions,
} from './sqlite/open.ts'
export {
  backupDatabase,
  type DatabaseReport,
  inspectDatabase,
  restoreDatabase,
} from './sqlite/upkeep.ts'
export { stepBack } from './step-back.ts'
export * from './store.ts'
export { type CredentialVault, createVault, type VaultOptions } from './vault.ts'
export * from './webhooks.ts'
