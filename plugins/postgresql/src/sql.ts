import pg from 'pg'

/** Quotes a name. */
export const ident: (name: string) => string = pg.escapeIdentifier

/** A quoted `schema.name`. */
export function qualified(schema: string, name: string): string {
  return `${ident(schema)}.${ident(name)}`
}

/** A column of the row alias `t` that every statement uses. */
export function column(name: string): string {
  return `t.${ident(name)}`
}
