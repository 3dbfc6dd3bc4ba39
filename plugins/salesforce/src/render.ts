import { escapeMarkdown, htmlToMarkdown } from '@cx/core/markdown'
import type { Row } from './client.ts'
import type { FieldInfo } from './describe.ts'
import type { ChildKind } from './part.ts'
import { text } from './part.ts'
import type { ContentField } from './record.ts'
import { toIso } from './soql.ts'

export interface Children {
  readonly kind: ChildKind
  readonly rows: readonly Row[]
}

/** A record as Markdown: short fields as a list, long texts as sections, then what belongs to it. */
export function renderRecord(
  title: string,
  fields: readonly ContentField[],
  row: Row,
  children: readonly Children[],
): string {
  const lines: string[] = []
  const sections: string[] = []
  for (const { field, path } of fields) {
    const value = row[path]
    if (value === null || value === undefined || value === '' || value === false) continue
    if (isLong(field)) sections.push(`## ${escapeMarkdown(field.label)}\n\n${prose(field, String(value))}`)
    else lines.push(`- **${escapeMarkdown(labelOf(field))}:** ${escapeMarkdown(shown(field, value))}`)
  }
  for (const { kind, rows } of children) {
    // Without words are posts that only tell of a changed field.
    const remarks = rows.map(remark).filter((one) => one !== '')
    if (remarks.length > 0) sections.push(`## ${kind.title}\n\n${remarks.join('\n\n')}`)
  }
  return `${[`# ${escapeMarkdown(title)}`, lines.join('\n'), ...sections].filter(Boolean).join('\n\n')}\n`
}

function isLong({ type, length = 0 }: FieldInfo): boolean {
  return type === 'textarea' && length > 255
}

function isHtml({ htmlFormatted, extraTypeInfo, type }: FieldInfo): boolean {
  return extraTypeInfo === 'richtextarea' || (htmlFormatted === true && type === 'textarea')
}

function prose(field: FieldInfo, value: string): string {
  return isHtml(field) ? htmlToMarkdown(value).trim() : escapeMarkdown(value)
}

/** `Owner ID` names the id; what is shown is the name. */
function labelOf({ label, type }: FieldInfo): string {
  return type === 'reference' ? label.replace(/ ID$/i, '') : label
}

function shown(field: FieldInfo, value: string | number | true): string {
  const plain = String(value)
  if (field.type === 'datetime') return toIso(plain) ?? plain
  if (field.type !== 'picklist' && field.type !== 'multipicklist') return plain.replace(/\s*\r?\n\s*/g, ' ')
  const labels = new Map((field.picklistValues ?? []).map((one) => [one.value, one.label ?? one.value]))
  return plain
    .split(';')
    .map((one) => labels.get(one) ?? one)
    .join(', ')
}

function remark(row: Row): string {
  const body = [text(row.Title), text(row.CommentBody) || text(row.Body)].filter(Boolean)
  const rich = row.IsRichText === true || row.IsRichText === 'true'
  const words = body.map((one) => (rich ? htmlToMarkdown(one).trim() : escapeMarkdown(one))).join('\n\n')
  if (words === '') return ''
  return `**${escapeMarkdown(text(row['CreatedBy.Name']) || 'Someone')}**, ${toIso(row.CreatedDate) ?? ''}\n\n${words}`
}
