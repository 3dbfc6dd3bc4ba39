export { retryAfterMs } from './retry-after.ts'
