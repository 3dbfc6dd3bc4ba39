import { CxError } from './error.ts'

/** What was made, with the field that is shown once. When the first answer was lost the server says the rest again, but not that. */
export function withSecret<T extends { readonly id: string }, F extends keyof T>(
  made: T,
  field: F,
  what: string,
): T & { readonly [K in F]-?: NonNullable<T[K]> } {
  if (made[field] !== undefined) return made as T & { readonly [K in F]-?: NonNullable<T[K]> }
  throw new CxError(
    'network',
    `The ${what} ${made.id} was made, but the answer that had its ${String(field)} was lost. Delete it, and make another.`,
  )
}
