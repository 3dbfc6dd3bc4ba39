export { abortable } from '../engine/abort.ts'
export { createHttp, errorOf, type Http, type HttpCall, type HttpOptions } from './client.ts'
export { type CursorPage, mapConcurrently, pages } from './pages.ts'
export { retryAfterMs } from './retry-after.ts'
