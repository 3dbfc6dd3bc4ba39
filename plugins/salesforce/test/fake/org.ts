import { createHash } from 'node:crypto'
import { refuse } from './refuse.ts'
import { type FakeObject, standardObjects } from './schema.ts'
import { compile, type Look, parse, type Value, type Values } from './soql.ts'

export const orgId = '00D5g00000AbCdEEAV'

/** One organisation: its schema, its records and its clock. */
export class FakeOrg {
  id = orgId
  /** Epoch ms; stands still until moved. */
  clock = Date.parse('2026-03-01T12:00:00Z')
  readonly objects = new Map<string, FakeObject>(standardObjects().map((one) => [one.info.name.toLowerCase(), one]))
  readonly #rows = new Map<string, Map<string, Values>>()
  readonly #counts = new Map<string, number>()
  readonly files = new Map<string, Uint8Array>()
  readonly admin: string

  constructor() {
    this.insertAs(orgId, 'Organization', { Name: 'Acme', IsSandbox: false })
    this.admin = this.insert('User', {
      Name: 'Ada Admin',
      Email: 'ada@example.com',
      IsActive: true,
      UserType: 'Standard',
    })
    for (const name of ['Account', 'Case', 'Project__c']) this.sharingModel(name, 'Private')
    this.sharingModel('Contact', 'ControlledByParent')
    this.sharingModel('Knowledge__kav', 'Read')
    const everything = this.insert('PermissionSet', {
      Name: 'Admin',
      PermissionsViewAllData: true,
      PermissionsModifyAllData: true,
    })
    this.insert('PermissionSetAssignment', { AssigneeId: this.admin, PermissionSetId: everything })
  }

  tick(seconds = 120): void {
    this.clock += seconds * 1_000
  }

  sharingModel(object: string, model: string): void {
    this.insertAs(`def-${object}`, 'EntityDefinition', { QualifiedApiName: object, InternalSharingModel: model })
  }

  table(object: string): Map<string, Values> {
    const key = object.toLowerCase()
    let rows = this.#rows.get(key)
    if (!rows) {
      rows = new Map()
      this.#rows.set(key, rows)
    }
    return rows
  }

  insert(object: string, values: Values): string {
    const prefix = this.objects.get(object.toLowerCase())!.info.keyPrefix || 'zzz'
    const count = (this.#counts.get(object) ?? 0) + 1
    this.#counts.set(object, count)
    return this.insertAs(`${prefix}5g${String(count).padStart(10, '0')}AAA`, object, values)
  }

  insertAs(id: string, object: string, values: Values): string {
    const now = this.stamp()
    const owner = this.admin ? { CreatedById: this.admin, OwnerId: this.admin } : {}
    this.table(object).set(id, {
      ...owner,
      IsDeleted: false,
      CreatedDate: now,
      LastModifiedDate: now,
      SystemModstamp: now,
      ...values,
      Id: id,
    })
    if (object === 'Account' || object === 'Case' || object === 'Project__c') {
      const parent = object === 'Project__c' ? 'ParentId' : `${object}Id`
      this.insert(`${object.replace(/__c$/, '__')}Share`, { [parent]: id, UserOrGroupId: this.admin })
    }
    return id
  }

  update(object: string, id: string, values: Values): void {
    Object.assign(this.table(object).get(id)!, values, { SystemModstamp: this.stamp(), LastModifiedDate: this.stamp() })
  }

  /** Into the recycle bin. */
  remove(object: string, id: string): void {
    if (this.table(object).has(id)) this.update(object, id, { IsDeleted: true })
  }

  /** Without a trace. */
  erase(object: string, id: string): void {
    this.table(object).delete(id)
  }

  addFile(
    name: string,
    content: Uint8Array,
    document?: string,
  ): { readonly document: string; readonly version: string } {
    const own = document ?? this.insert('ContentDocument', { Title: name })
    for (const row of this.table('ContentVersion').values())
      if (row.ContentDocumentId === own) this.update('ContentVersion', String(row.Id), { IsLatest: false })
    const version = this.insert('ContentVersion', {
      ContentDocumentId: own,
      Title: name.replace(/\.\w+$/, ''),
      PathOnClient: name,
      FileExtension: name.split('.').at(-1)!,
      FileType: 'TEXT',
      ContentSize: content.byteLength,
      Checksum: createHash('md5').update(content.subarray(0, 4096)).digest('hex'),
      VersionNumber: '1',
      IsLatest: true,
    })
    this.files.set(version, content)
    return { document: own, version }
  }

  stamp(): string {
    return `${new Date(this.clock).toISOString().slice(0, 19)}.000+0000`
  }

  /** The rows of a query, in order, each with what was selected. */
  run(
    soql: string,
    all: boolean,
  ): { readonly object: string; readonly fields: readonly string[]; readonly rows: Values[] } {
    const query = parse(soql)
    const target = this.objects.get((query.sObject ?? '').toLowerCase())
    if (!target?.info.queryable)
      throw refuse(
        400,
        'INVALID_TYPE',
        `\n${soql.slice(0, 60)}\n       ^\nERROR at Row:1:Column:8\nsObject type '${query.sObject}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
      )
    const object = target.info.name
    if (object === 'ContentDocumentLink' && !/(ContentDocumentId|LinkedEntityId) (=|IN)/.test(soql))
      throw refuse(
        400,
        'MALFORMED_QUERY',
        "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.",
      )
    if (object.endsWith('__kav') && !/PublishStatus =|Id IN/.test(soql))
      throw refuse(
        400,
        'MALFORMED_QUERY',
        'Implementation restriction: When querying or searching the Knowledge__kav object, you must filter on a single PublishStatus or Id.',
      )
    const fields = (query.fields ?? []).map((one) =>
      'rawValue' in one && one.rawValue ? one.rawValue : (one as { field: string }).field,
    )
    const look: Look = (row, path) => this.#look(target, row, path)
    const probe: Values = {}
    for (const path of fields) look(probe, path)
    const test = compile(query.where, look, this.clock)
    test(probe)
    let rows = [...this.table(object).values()].filter((row) => (all || row.IsDeleted !== true) && test(row))
    const order = [query.orderBy ?? []].flat() as { field?: string; order?: string }[]
    if (order.length > 0)
      rows.sort((a, b) =>
        compareBy(
          order.map(({ field = '' }) => field),
          look,
          a,
          b,
        ),
      )
    if (query.limit !== undefined) rows = rows.slice(0, query.limit)
    return {
      object,
      fields,
      rows: rows.map((row) => Object.fromEntries(fields.map((path) => [path, look(row, path)]))),
    }
  }

  #look(target: FakeObject, row: Values, path: string): Value {
    const [first = '', ...rest] = path.split('.')
    const known = target.fields.find((one) =>
      rest.length > 0 ? one.relationshipName === first : one.name.toLowerCase() === first.toLowerCase(),
    )
    if (!known)
      throw refuse(
        400,
        'INVALID_FIELD',
        `\nERROR at Row:1:Column:8\nNo such column '${path}' on entity '${target.info.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
      )
    if (rest.length === 0) return row[known.name] ?? null
    const to = known.referenceTo?.[0] ?? ''
    const parent = this.table(to).get(String(row[known.name] ?? ''))
    return this.#look(this.objects.get(to.toLowerCase())!, parent ?? {}, rest.join('.'))
  }
}

function compareBy(fields: readonly string[], look: Look, a: Values, b: Values): number {
  for (const path of fields) {
    const [one, other] = [look(a, path) ?? '', look(b, path) ?? '']
    if (one !== other) return one < other ? -1 : 1
  }
  return 0
}
