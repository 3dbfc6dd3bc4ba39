import { ConnectorError, type Entry } from '@cx/core'
import type { Config } from './config.ts'
import { type Description, type FieldInfo, fieldOf, missingField, type ObjectInfo } from './describe.ts'
import { type ChildKind, type Part, present, text } from './part.ts'
import { toIso } from './soql.ts'
import { fieldsOfFilter } from './where.ts'

/** Fields worth a filter in search, where the object has them. */
const attributes = ['Status', 'StageName', 'Type', 'Priority', 'Industry', 'Origin', 'AccountId']

/** The listing of an object's records, made from what the integration user may see of it. @throws ConnectorError `misconfigured` */
export function recordPart(
  info: ObjectInfo,
  description: Description,
  config: Config,
  site: { readonly instanceUrl: string; readonly name: string; readonly children: readonly ChildKind[] },
): Part {
  const object = info.name
  // As it is configured: a hidden object tells its own spelling no more, and its documents must still be known by it.
  const prefix = `${site.name}/`
  const has = (name: string) => fieldOf(description, name) !== undefined
  const stamp = stampOf(description)
  const names = titleFields(description)
  const kept = attributes.filter(has)
  const fields = [
    'Id',
    stamp,
    ...names,
    ...kept,
    ...['CreatedDate'].filter((name) => name !== stamp && has(name)),
    ...(has('CreatedById') ? ['CreatedBy.Name'] : []),
    ...(has('OwnerId') ? ['Owner.Name'] : []),
    ...(has('RecordTypeId') ? ['RecordType.Name'] : []),
  ]
  const { children } = site
  return {
    key: object,
    prefix,
    idPrefix: info.keyPrefix ?? '',
    object,
    fields: [...new Set(fields)],
    where: filterOf(object, description, config),
    stamp,
    children,
    bulk: children.length === 0,
    leaves: has('IsDeleted') ? 'deleted' : 'never',
    entry(row): Entry {
      const id = text(row.Id)
      const changed = toIso(row[stamp])
      return {
        id,
        path: prefix + id,
        version: changed ?? '',
        mimeType: 'text/markdown',
        url: `${site.instanceUrl}/lightning/r/${object}/${id}/view`,
        ref: { kind: 'record', object, id },
        ...(present({
          title: names
            .map((name) => text(row[name]))
            .filter(Boolean)
            .join(' '),
          createdAt: toIso(row.CreatedDate),
          updatedAt: changed,
          author: text(row['CreatedBy.Name']),
        }) as { title?: string }),
        metadata: present({
          object,
          recordType: text(row['RecordType.Name']),
          owner: text(row['Owner.Name']),
          ...Object.fromEntries(kept.map((name) => [name, text(row[name])])),
        }),
      }
    },
  }
}

/** @throws ConnectorError `misconfigured` for an object whose changes leave no trace */
function stampOf(description: Description): string {
  const found = ['SystemModstamp', 'LastModifiedDate', 'CreatedDate'].find((name) => fieldOf(description, name))
  if (found) return found
  throw new ConnectorError(
    'misconfigured',
    `${description.name} keeps no time of change, so it cannot be synced. Take it out of objects.`,
  )
}

function titleFields(description: Description): string[] {
  const name = description.fields.find((field) => field.nameField)?.name
  const subject = fieldOf(description, 'Subject')?.name
  return [name, subject].filter((one, index, all): one is string => one !== undefined && all.indexOf(one) === index)
}

function filterOf(object: string, description: Description, { soqlFilter, filters }: Config): string | undefined {
  const own = filters.find((one) => one.object.toLowerCase() === object.toLowerCase())?.where ?? soqlFilter
  const filter = own.trim()
  if (filter === '') return undefined
  const missing = missingField(description, fieldsOfFilter(filter))
  if (missing)
    throw new ConnectorError(
      'misconfigured',
      `The filter names ${missing}, which ${object} does not have or the integration user may not see.`,
      {
        remediation: `Correct the filter, give read access to the field, or set a filter of its own for ${object}.`,
      },
    )
  return filter
}

const skippedTypes = new Set(['address', 'location', 'base64', 'complexvalue', 'anyType'])
const skipped =
  /^(?:Id|IsDeleted|SystemModstamp|MasterRecordId|LastViewedDate|LastReferencedDate|PhotoUrl|CleanStatus|JigsawCompanyId|Jigsaw|JigsawContactId|CreatedById|LastModifiedById|LastActivityDate)$/
/** Objects whose records all have a Name. */
const named =
  /__c$|^(?:User|Group|Account|Contact|Lead|Opportunity|Campaign|RecordType|Product2|Pricebook2|Profile|Name|Organization)$/

/** One line or section of a record's document. */
export interface ContentField {
  readonly field: FieldInfo
  /** Where its text comes from in the row. */
  readonly path: string
}

/** The fields that make a record's text. Compound fields repeat others; of a name, the whole stays. */
export function contentFields(description: Description, config: Config): readonly ContentField[] {
  const excluded = new Set(config.excludeFields.map((one) => one.toLowerCase()))
  return description.fields.flatMap((field): ContentField[] => {
    const isPartOfName = field.compoundFieldName === 'Name' && field.name !== 'Name'
    if (skippedTypes.has(field.type) || skipped.test(field.name) || isPartOfName) return []
    if (excluded.has(`${description.name}.${field.name}`.toLowerCase())) return []
    if (field.type !== 'reference') return [{ field, path: field.name }]
    const readable =
      field.relationshipName &&
      (field.referenceTo ?? []).length > 0 &&
      field.referenceTo!.every((one) => named.test(one))
    return readable ? [{ field, path: `${field.relationshipName}.Name` }] : []
  })
}
