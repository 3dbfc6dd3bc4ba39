import type { Entry } from '@cx/core'
import { type Description, fieldOf } from './describe.ts'
import { type Part, present, segment, text } from './part.ts'
import { quote, toIso } from './soql.ts'

/** An article's id outlives its versions. */
export function articleId(row: Readonly<Record<string, unknown>>): string {
  return `${row.KnowledgeArticleId}:${row.Language}`
}

/** Published articles, one listing for each language. https://developer.salesforce.com/docs/atlas.en-us.knowledge_dev.meta/knowledge_dev/knowledge_development_soql_sosl_intro.htm */
export function articleParts(description: Description, instanceUrl: string): Part[] {
  const object = description.name
  const values = fieldOf(description, 'Language')?.picklistValues ?? []
  const languages = values.filter(({ active }) => active !== false).map(({ value }) => value)
  return languages.map(
    (language): Part => ({
      key: `${object}/${language}`,
      prefix: `${object}/${segment(language)}/`,
      object,
      idPrefix: '',
      fields: [
        'Id',
        'KnowledgeArticleId',
        'Language',
        'Title',
        'UrlName',
        'CreatedDate',
        'SystemModstamp',
        'CreatedBy.Name',
      ],
      where: `PublishStatus = 'Online' AND IsLatestVersion = true AND Language = ${quote(language)}`,
      stamp: 'SystemModstamp',
      children: [],
      bulk: false,
      leaves: 'archived',
      entry(row): Entry {
        const changed = toIso(row.SystemModstamp)
        return {
          id: articleId(row),
          path: `${object}/${segment(language)}/${segment(text(row.UrlName))}`,
          version: `${text(row.Id)} ${changed}`,
          mimeType: 'text/markdown',
          url: `${instanceUrl}/lightning/r/${object}/${text(row.Id)}/view`,
          ref: { kind: 'article', object, id: text(row.Id) },
          ...(present({
            title: text(row.Title),
            createdAt: toIso(row.CreatedDate),
            updatedAt: changed,
            author: text(row['CreatedBy.Name']),
          }) as {
            title?: string
          }),
          metadata: { object, language },
        }
      },
    }),
  )
}
