export { type IdPrefix, newId } from './id.ts'
export { openSqliteStore, type SqliteStoreOptions } from './sqlite/open.ts'
export * from './store.ts'
