import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import type { Config, Login } from './config.ts'

/**
 * libpq's meaning of each mode. Always built here: a `sslmode` inside a connection string would replace it,
 * and node-postgres reads several modes differently from libpq (https://node-postgres.com/features/ssl).
 */
export function tlsOptions(config: Config, login: Login): ConnectionOptions | false {
  if (config.sslMode === 'disable') return false
  const own: ConnectionOptions = {
    ...(config.sslCa === undefined ? {} : { ca: config.sslCa }),
    ...(config.sslCert === undefined ? {} : { cert: config.sslCert }),
    ...(config.sslCert !== undefined && login.sslKey ? { key: login.sslKey } : {}),
    ...(login.sslKeyPassphrase ? { passphrase: login.sslKeyPassphrase } : {}),
  }
  switch (config.sslMode) {
    case 'verify-full':
      // The socket exists before TLS starts, so Node would compare an IP address with "localhost".
      return { ...own, checkServerIdentity: (_name, certificate) => checkServerIdentity(config.host, certificate) }
    case 'verify-ca':
      return { ...own, checkServerIdentity: () => undefined }
    case 'require':
      // With a CA file libpq verifies even in `require`: https://www.postgresql.org/docs/current/libpq-ssl.html
      return config.sslCa === undefined
        ? { ...own, rejectUnauthorized: false }
        : { ...own, checkServerIdentity: () => undefined }
    default:
      return { ...own, rejectUnauthorized: false }
  }
}
