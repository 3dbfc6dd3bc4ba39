import type { Entry } from '@cx/core'
import { type Config, megabytes } from './config.ts'
import { type Part, present, segment, text } from './part.ts'
import { toIso } from './soql.ts'

/** The latest version of every file. https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentversion.htm */
export function filePart({ maxFileSizeMb }: Config, instanceUrl: string): Part {
  return {
    key: 'ContentDocument',
    prefix: 'ContentDocument/',
    object: 'ContentVersion',
    idPrefix: '',
    fields: [
      'Id',
      'ContentDocumentId',
      'Title',
      'PathOnClient',
      'FileExtension',
      'FileType',
      'ContentSize',
      'Checksum',
      'VersionNumber',
      'CreatedDate',
      'SystemModstamp',
      'Owner.Name',
    ],
    where: 'IsLatest = true',
    stamp: 'SystemModstamp',
    children: [],
    bulk: true,
    leaves: 'file',
    entry(row): Entry {
      const id = text(row.ContentDocumentId)
      const name = segment(text(row.PathOnClient) || nameOf(text(row.Title), text(row.FileExtension)))
      const size = Number(row.ContentSize ?? 0)
      const changed = toIso(row.SystemModstamp)
      const unavailable = /^(?:LINK|SNOTE_LINK|GOOGLE_)/i.test(text(row.FileType))
        ? 'It is a link to a file outside Salesforce.'
        : size > megabytes(maxFileSizeMb)
          ? `It is larger than ${maxFileSizeMb} MB (maxFileSizeMb).`
          : undefined
      return {
        id,
        path: `ContentDocument/${id}/${name}`,
        // The checksum alone would miss a new title; a new version has a new id.
        version: `${text(row.Id)} ${text(row.Checksum)}`,
        size,
        url: `${instanceUrl}/lightning/r/ContentDocument/${id}/view`,
        ref: { kind: 'file', object: 'ContentVersion', id: text(row.Id) },
        ...(present({
          title: text(row.Title),
          createdAt: toIso(row.CreatedDate),
          updatedAt: changed,
          author: text(row['Owner.Name']),
          unavailable,
        }) as {
          title?: string
        }),
        metadata: present({
          object: 'ContentDocument',
          fileType: text(row.FileType),
          versionNumber: text(row.VersionNumber),
        }),
      }
    },
  }
}

function nameOf(title: string, extension: string): string {
  return extension && !title.toLowerCase().endsWith(`.${extension.toLowerCase()}`) ? `${title}.${extension}` : title
}
