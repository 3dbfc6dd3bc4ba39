export { type Host, startHost } from './host.ts'
export { readSettings, type Settings, SettingsError } from './settings.ts'
