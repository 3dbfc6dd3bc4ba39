import type { FormatOutput } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import type { Properties } from './properties.ts'

/** What a workbook's reader gives: its text, and in its metadata the names of sheets that are not shown or not whole. */
export function workbookOutput(
  out: BlockWriter,
  properties: Properties,
  {
    sheets,
    hidden,
    damaged = [],
  }: { readonly sheets: number; readonly hidden: readonly string[]; readonly damaged?: readonly string[] },
): FormatOutput {
  return {
    ...properties,
    markdown: out.finish(),
    pages: sheets,
    pageOffsets: out.pageOffsets,
    ...((hidden.length > 0 || damaged.length > 0) && {
      metadata: {
        ...properties.metadata,
        ...(hidden.length > 0 && { hiddenSheets: [...hidden] }),
        ...(damaged.length > 0 && { damagedSheets: [...damaged] }),
      },
    }),
  }
}
