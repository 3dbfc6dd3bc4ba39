import type { FieldInfo, ObjectInfo } from '../../src/describe.ts'

export interface FakeObject {
  readonly info: { -readonly [K in keyof ObjectInfo]: ObjectInfo[K] }
  readonly fields: FieldInfo[]
}

export function field(name: string, type = 'string', more: Partial<FieldInfo> = {}): FieldInfo {
  return {
    name,
    label: more.label ?? name.replace(/__c$/, '').replace(/Id$/, ' ID'),
    type,
    length: type === 'textarea' ? 32_000 : 255,
    ...more,
  }
}

export function reference(name: string, to: string, more: Partial<FieldInfo> = {}): FieldInfo {
  return field(name, 'reference', {
    relationshipName: name.endsWith('__c') ? name.replace(/__c$/, '__r') : name.replace(/Id$/, ''),
    referenceTo: [to],
    ...more,
  })
}

const audit: readonly FieldInfo[] = [
  field('Id', 'id'),
  field('IsDeleted', 'boolean'),
  field('CreatedDate', 'datetime', { label: 'Created Date' }),
  reference('CreatedById', 'User'),
  field('LastModifiedDate', 'datetime'),
  field('SystemModstamp', 'datetime'),
]

function object(
  name: string,
  keyPrefix: string,
  fields: readonly FieldInfo[],
  more: Partial<ObjectInfo> = {},
): FakeObject {
  const info = {
    name,
    label: name.replace(/__c$/, ''),
    keyPrefix,
    queryable: true,
    custom: name.endsWith('__c'),
    layoutable: true,
    deprecatedAndHidden: false,
    feedEnabled: false,
    ...more,
  }
  return { info, fields: [...audit.filter((one) => !fields.some(({ name: own }) => own === one.name)), ...fields] }
}

const setup = { layoutable: false }
const name = field('Name', 'string', { nameField: true })
const owner = reference('OwnerId', 'User')

function share(of: string, parent: string, level: string): FakeObject {
  return object(
    of,
    '',
    [
      field(parent, 'reference', { referenceTo: [] }),
      field('UserOrGroupId', 'reference', { referenceTo: [] }),
      field(level, 'picklist'),
    ],
    setup,
  )
}

/** A fresh organisation's objects, as far as the connector looks at them. */
export function standardObjects(): FakeObject[] {
  return [
    object(
      'Account',
      '001',
      [
        name,
        owner,
        field('Description', 'textarea'),
        field('Industry', 'picklist', { picklistValues: [{ value: 'Energy', label: 'Energy & Power', active: true }] }),
        field('BillingAddress', 'address'),
        field('BillingCity', 'string', { compoundFieldName: 'BillingAddress' }),
        field('Notes__c', 'textarea', { htmlFormatted: true, extraTypeInfo: 'richtextarea', label: 'Notes' }),
      ],
      { feedEnabled: true },
    ),
    object('Contact', '003', [
      field('Name', 'string', { nameField: true }),
      field('FirstName', 'string', { compoundFieldName: 'Name' }),
      owner,
      reference('AccountId', 'Account'),
      field('Description', 'textarea'),
    ]),
    object(
      'Case',
      '500',
      [
        field('CaseNumber', 'string', { nameField: true }),
        field('Subject'),
        field('Status', 'picklist'),
        field('Description', 'textarea'),
        owner,
        reference('AccountId', 'Account'),
      ],
      { feedEnabled: true },
    ),
    object('CaseComment', '00a', [
      field('ParentId', 'reference', { referenceTo: ['Case'] }),
      field('CommentBody', 'textarea'),
      field('IsPublished', 'boolean'),
    ]),
    object('FeedItem', '0D5', [
      field('ParentId', 'reference', { referenceTo: [] }),
      field('Title'),
      field('Body', 'textarea'),
      field('IsRichText', 'boolean'),
    ]),
    object('FeedComment', '0D7', [
      field('ParentId', 'reference', { referenceTo: [] }),
      field('FeedItemId', 'reference', { referenceTo: [] }),
      field('CommentBody', 'textarea'),
      field('IsRichText', 'boolean'),
    ]),
    object('Project__c', 'a00', [
      name,
      owner,
      field('Description__c', 'textarea', { label: 'Description' }),
      field('Secret__c'),
      field('Budget__c', 'double'),
    ]),
    object(
      'User',
      '005',
      [
        name,
        field('Email'),
        field('UserRoleId', 'reference', { referenceTo: [] }),
        field('ManagerId', 'reference', { referenceTo: [] }),
        field('IsActive', 'boolean'),
        field('UserType'),
      ],
      setup,
    ),
    object('Organization', '00D', [name, field('IsSandbox', 'boolean')], setup),
    object('ContentDocument', '069', [field('Title', 'string', { nameField: true })], setup),
    object(
      'ContentVersion',
      '068',
      [
        reference('ContentDocumentId', 'ContentDocument'),
        field('Title', 'string', { nameField: true }),
        field('PathOnClient'),
        field('FileExtension'),
        field('FileType'),
        field('ContentSize', 'int'),
        field('Checksum'),
        field('VersionNumber'),
        field('VersionData', 'base64'),
        field('IsLatest', 'boolean'),
        owner,
      ],
      setup,
    ),
    object(
      'ContentDocumentLink',
      '06A',
      [
        field('ContentDocumentId', 'reference', { referenceTo: [] }),
        field('LinkedEntityId', 'reference', { referenceTo: [] }),
        field('ShareType'),
        field('Visibility'),
      ],
      setup,
    ),
    object(
      'Knowledge__kav',
      'ka0',
      [
        field('KnowledgeArticleId', 'reference', { referenceTo: [] }),
        field('Title', 'string', { nameField: true }),
        field('UrlName'),
        field('Language', 'picklist', {
          picklistValues: [
            { value: 'en_US', label: 'English', active: true },
            { value: 'de', label: 'German', active: true },
          ],
        }),
        field('PublishStatus', 'picklist'),
        field('IsLatestVersion', 'boolean'),
        field('Summary', 'textarea'),
        field('Answer__c', 'textarea', { htmlFormatted: true, extraTypeInfo: 'richtextarea', label: 'Answer' }),
      ],
      { custom: true },
    ),
    object('Knowledge__DataCategorySelection', '02o', [field('ParentId', 'reference', { referenceTo: [] })], setup),
    share('AccountShare', 'AccountId', 'AccountAccessLevel'),
    share('CaseShare', 'CaseId', 'CaseAccessLevel'),
    share('Project__Share', 'ParentId', 'AccessLevel'),
    object('UserRole', '00E', [name, field('ParentRoleId', 'reference', { referenceTo: [] })], setup),
    object(
      'Group',
      '00G',
      [
        name,
        field('Type'),
        field('RelatedId', 'reference', { referenceTo: [] }),
        field('DoesIncludeBosses', 'boolean'),
      ],
      setup,
    ),
    object(
      'GroupMember',
      '011',
      [field('GroupId', 'reference', { referenceTo: [] }), field('UserOrGroupId', 'reference', { referenceTo: [] })],
      setup,
    ),
    object(
      'PermissionSet',
      '0PS',
      [name, field('PermissionsViewAllData', 'boolean'), field('PermissionsModifyAllData', 'boolean')],
      setup,
    ),
    object(
      'PermissionSetAssignment',
      '0Pa',
      [
        field('AssigneeId', 'reference', { referenceTo: [] }),
        field('PermissionSetId', 'reference', { referenceTo: [] }),
        field('ExpirationDate', 'datetime'),
      ],
      setup,
    ),
    object(
      'ObjectPermissions',
      '110',
      [
        field('ParentId', 'reference', { referenceTo: [] }),
        field('SobjectType'),
        field('PermissionsRead', 'boolean'),
        field('PermissionsViewAllRecords', 'boolean'),
      ],
      setup,
    ),
    object('EntityDefinition', '', [field('QualifiedApiName'), field('InternalSharingModel')], setup),
  ]
}
