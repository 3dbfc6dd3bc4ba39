import type { Json } from '@cx/core'

/** What is known of a workbook beside its text, added to its properties: names of sheets that are not shown or not whole. */
export function sheetFacts(
  { metadata }: { readonly metadata?: Readonly<Record<string, Json>> },
  { hidden, damaged = [] }: { readonly hidden: readonly string[]; readonly damaged?: readonly string[] },
): { readonly metadata?: Readonly<Record<string, Json>> } {
  if (hidden.length === 0 && damaged.length === 0) return {}
  return {
    metadata: {
      ...metadata,
      ...(hidden.length > 0 && { hiddenSheets: [...hidden] }),
      ...(damaged.length > 0 && { damagedSheets: [...damaged] }),
    },
  }
}
