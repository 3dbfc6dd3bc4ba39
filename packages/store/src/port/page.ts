/** One keyset page. `after` is the `next` of the page before. */
export interface PageRequest {
  readonly limit: number
  /** Keyset position; cheap at any depth. */
  readonly after?: string
  /** Rows to skip instead, for numbered pages. */
  readonly offset?: number
}

export interface Page<T> {
  readonly rows: readonly T[]
  readonly total: number
  /** Absent on the last page. */
  readonly next?: string
}
