import { ConnectorError, type Content } from '@cx/core'
import type { Config } from './config.ts'
import { decodeKey } from './path.ts'
import type { Plan } from './plan.ts'
import { documentColumns } from './statements.ts'
import type { Row } from './transaction.ts'
import { toText } from './values.ts'

/**
 * The document of a row as read: the size if too large, then the document columns.
 *
 * @throws ConnectorError `unprocessable` for a row over `maxRowBytes`.
 */
export function toContent(plan: Plan, config: Config, row: Row, name: string): Content {
  const [tooLarge, ...values] = row
  if (tooLarge)
    throw new ConnectorError(
      'unprocessable',
      `The row of ${plan.label} takes ${tooLarge} bytes, more than \`maxRowBytes\` (${config.maxRowBytes}).`,
    )
  const columns = documentColumns(plan)
  const value = (wanted: string | undefined): string | undefined => {
    const index = columns.findIndex(({ name: candidate }) => candidate === wanted)
    return (index < 0 ? undefined : values[index]) ?? undefined
  }
  const title = value(plan.title?.name)?.trim() || defaultTitle(plan, name)
  const file = value(plan.blob?.data.name)
  if (file !== undefined) {
    const filename = value(plan.blob?.name?.name)
    return {
      body: plan.blob?.data.typeName === 'bytea' ? Buffer.from(file.slice(2), 'hex') : file,
      mimeType: value(plan.blob?.mime?.name) ?? 'application/octet-stream',
      title,
      ...(filename === undefined ? {} : { filename }),
    }
  }
  const present = plan.body.flatMap((column) => {
    const text = value(column.name)
    return text === undefined ? [] : [{ name: column.name, text: toText(text, column) }]
  })
  if (config.contentColumns === undefined) {
    const lines = present.map(({ name: label, text }) =>
      text.includes('\n') ? `**${label}**:\n\n${text}\n` : `**${label}**: ${text}  `,
    )
    return { body: lines.join('\n'), mimeType: 'text/markdown', title }
  }
  const mimeType = plan.body.length === 1 ? config.contentMimeType : 'text/markdown'
  return { body: present.map(({ text }) => text).join('\n\n'), mimeType, title }
}

/** `articles 42`; rows without a key are all called after their table. */
function defaultTitle({ relation, key }: Plan, name: string): string {
  if (key.length === 0) return relation.name
  const parts = decodeKey(name).map((part) => part ?? 'NULL')
  return `${relation.name} ${parts.join(', ')}`
}
