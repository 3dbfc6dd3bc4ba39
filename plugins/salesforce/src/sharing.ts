import type { Acl, Entry, Principal } from '@cx/core'
import type { Row } from './client.ts'
import { fieldOf } from './describe.ts'
import { concernsPart, salesforceCode } from './errors.ts'
import { type Part, refOf, text } from './part.ts'
import { among } from './scan.ts'
import type { Session } from './session.ts'
import { quote } from './soql.ts'

export const group = (kind: string, id: string): Principal => ({ type: 'group', id: `sf:${kind}:${id}` })
/** Who may read the object at all, and who may read all its records whatever is shared. */
export const readers = (object: string): Principal => group('objread', object)
const viewers = (object: string): Principal => group('objall', object)
export const internal: Principal = group('internal', 'all')

/** Organisation-wide defaults under which every reader of the object sees every record. */
const open = new Set(['Read', 'ReadWrite', 'ReadWriteTransfer', 'FullAccess'])
const deepest = 3

/** Who may see records, files and articles, as Salesforce's sharing has it. What cannot be told is for nobody but who sees all. */
export class Sharing {
  readonly #session: Session
  #models: Promise<ReadonlyMap<string, string>> | undefined
  #rules: Promise<ReadonlySet<string>> | undefined
  readonly #warned = new Set<string>()

  constructor(session: Session) {
    this.#session = session
  }

  /** Access lists of entries; one that cannot be read now is left out and keeps its last. */
  async *acls(
    entries: readonly Entry[],
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly id: string; readonly acl: Acl }, void, void> {
    const { aclMode } = this.#session.config
    if (aclMode === 'connection') {
      for (const { id } of entries) yield { id, acl: { allOf: [[{ type: 'anyone' }]] } }
      return
    }
    for (const [key, some] of Map.groupBy(entries, (entry) => `${refOf(entry)?.kind} ${refOf(entry)?.object}`)) {
      const [kind = '', object = ''] = key.split(' ')
      try {
        const acls =
          kind === 'file'
            ? await this.#files(
                some.map(({ id }) => id),
                signal,
              )
            : aclMode === 'object'
              ? new Map(some.map((entry) => [refOf(entry)!.id, { allOf: [[readers(object)]] }]))
              : kind === 'article'
                ? await this.#articles(
                    object,
                    some.map((entry) => refOf(entry)!.id),
                    signal,
                  )
                : await this.#records(
                    object,
                    some.map(({ id }) => id),
                    signal,
                  )
        for (const entry of some) {
          const acl = acls.get(kind === 'file' ? entry.id : refOf(entry)!.id)
          if (acl) yield { id: entry.id, acl }
        }
      } catch (error) {
        if (!concernsPart(error)) throw error
        this.#warn(object, (error as Error).message)
      }
    }
  }

  /** Objects whose readers the access lists may name: the parts', and what controls them. */
  async objects(parts: readonly Part[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const names = new Set<string>()
    const { objects } = this.#session.config
    const queue = [...parts.filter((part) => part.leaves !== 'file').map(({ object }) => object), ...objects]
    const visible = await this.#session.schema.objects(signal)
    for (let depth = 0, name = queue.shift(); name !== undefined; name = queue.shift(), depth++) {
      const known = visible.get(name.toLowerCase())
      if (!known?.queryable || names.has(known.name)) continue
      names.add(known.name)
      if ((await this.#model(known.name, signal)) !== 'ControlledByParent' || depth > 200) continue
      for (const parent of await this.#parentsOf(known.name, signal)) queue.push(parent.object)
    }
    return names
  }

  async #records(
    object: string,
    ids: readonly string[],
    signal: AbortSignal,
    depth = 0,
  ): Promise<ReadonlyMap<string, Acl>> {
    if ((await this.#restricted(signal)).has(object)) {
      this.#warn(object, 'it has restriction rules')
      return each(ids, () => ({ allOf: [[viewers(object)]] }))
    }
    const model = await this.#model(object, signal)
    if (open.has(model)) return each(ids, () => ({ allOf: [[readers(object)]] }))
    if (model === 'Private') return this.#shared(object, ids, signal)
    if (model === 'ControlledByParent' && depth < deepest) return this.#controlled(object, ids, signal, depth)
    this.#warn(object, `its sharing model is ${model || 'unknown'}`)
    return each(ids, () => ({ allOf: [[viewers(object)]] }))
  }

  async #shared(object: string, ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Acl>> {
    const { schema, client, config } = this.#session
    const table = object.endsWith('__c') ? object.replace(/__c$/, '__Share') : `${object}Share`
    const grants = new Map<string, Map<string, Principal>>(ids.map((id) => [id, new Map()]))
    if (!(await schema.objects(signal)).get(table.toLowerCase())?.queryable)
      this.#warn(object, `${table} is hidden from the integration user`)
    else {
      const description = await schema.describe(table, signal)
      const parent = [`${object}Id`, 'ParentId'].find((name) => fieldOf(description, name)) ?? 'ParentId'
      const hierarchy = !object.endsWith('__c') || config.customHierarchy
      for await (const page of among(
        client,
        { object: table, fields: ['Id', parent, 'UserOrGroupId'], field: parent, ids },
        { signal },
      ))
        for (const row of page) {
          const to = text(row.UserOrGroupId)
          const principal = to.startsWith('005')
            ? group(hierarchy ? 'user-and-above' : 'only', to)
            : group(hierarchy ? 'group' : 'group-only', to)
          grants.get(text(row[parent]))?.set(principal.type === 'group' ? principal.id : '', principal)
        }
    }
    return each(ids, (id) => ({
      allOf: [[readers(object)], [viewers(object), ...sorted(grants.get(id)?.values() ?? [])]],
    }))
  }

  /** Of a junction of two masters both must be seen. Without a parent, or with one that is not there, only who sees all. */
  async #controlled(
    object: string,
    ids: readonly string[],
    signal: AbortSignal,
    depth: number,
  ): Promise<ReadonlyMap<string, Acl>> {
    const parents = await this.#parentsOf(object, signal)
    const fields = ['Id', ...parents.map(({ field }) => field)]
    const rows = new Map<string, Row>()
    if (parents.length > 0)
      for await (const page of among(this.#session.client, { object, fields, field: 'Id', ids }, { signal }))
        for (const row of page) rows.set(text(row.Id), row)
    const above = new Map<string, ReadonlyMap<string, Acl>>()
    for (const { field, object: master } of parents) {
      const masters = new Set([...rows.values()].map((row) => text(row[field])).filter((id) => id !== ''))
      if (masters.size > 0) above.set(field, await this.#records(master, [...masters], signal, depth + 1))
    }
    return each(ids, (id) => {
      const acls = parents.map(({ field }) => above.get(field)?.get(text(rows.get(id)?.[field])))
      const isWhole = acls.length > 0 && acls.every((acl) => acl !== undefined)
      return { allOf: isWhole ? [[readers(object)], ...acls.flatMap(({ allOf }) => allOf)] : [[viewers(object)]] }
    })
  }

  /** Articles with data categories are seen by whom Setup gives the categories, which no query tells. */
  async #articles(object: string, ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Acl>> {
    const { schema, client } = this.#session
    const table = object.replace(/__kav$/, '__DataCategorySelection')
    if (!(await schema.objects(signal)).get(table.toLowerCase())?.queryable)
      return each(ids, () => ({ allOf: [[viewers(object)]] }))
    const categorised = new Set<string>()
    for await (const page of among(
      client,
      { object: table, fields: ['Id', 'ParentId'], field: 'ParentId', ids },
      { signal },
    ))
      for (const row of page) categorised.add(text(row.ParentId))
    const free = open.has(await this.#model(object, signal))
    return each(ids, (id) => ({ allOf: [[free && !categorised.has(id) ? readers(object) : viewers(object)]] }))
  }

  /** Whoever a file is linked to: people, Chatter groups, the organisation, or whoever sees a record it hangs on. */
  async #files(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Acl>> {
    const links = new Map<string, Acl[]>(ids.map((id) => [id, []]))
    const records = new Map<string, Map<string, string[]>>()
    const synced = await this.objects((await this.#session.parts(signal)).parts, signal)
    const query = {
      object: 'ContentDocumentLink',
      fields: ['Id', 'ContentDocumentId', 'LinkedEntityId'],
      field: 'ContentDocumentId',
      ids,
    }
    for await (const page of among(this.#session.client, query, { signal }))
      for (const row of page) {
        const file = text(row.ContentDocumentId)
        const to = text(row.LinkedEntityId)
        const direct = to.startsWith('005')
          ? group('only', to)
          : to.startsWith('0F9')
            ? group('chatter', to)
            : to.startsWith('00D')
              ? internal
              : undefined
        if (direct) links.get(file)?.push({ allOf: [[direct]] })
        const info = direct ? undefined : await this.#session.objectByPrefix(to, signal)
        if (!info || !synced.has(info.name)) continue
        const own = records.get(info.name) ?? new Map<string, string[]>()
        records.set(info.name, own.set(to, [...(own.get(to) ?? []), file]))
      }
    for (const [object, byRecord] of records) {
      const acls =
        this.#session.config.aclMode === 'object'
          ? each([...byRecord.keys()], () => ({ allOf: [[readers(object)]] }))
          : await this.#records(object, [...byRecord.keys()], signal)
      for (const [id, files] of byRecord) for (const file of files) links.get(file)?.push(acls.get(id)!)
    }
    return each(ids, (id) => anyOf(links.get(id)!))
  }

  /** Objects of which sharing shows more than people may see; those who see all are exempt. https://developer.salesforce.com/docs/atlas.en-us.api_tooling.meta/api_tooling/tooling_api_objects_restrictionrule.htm */
  #restricted(signal: AbortSignal): Promise<ReadonlySet<string>> {
    this.#rules ??= this.#session.client
      .tooling('SELECT TargetEntity, EnforcementType FROM RestrictionRule', signal)
      .then(
        (rows) =>
          new Set(rows.filter((row) => row.EnforcementType === 'Restrict').map((row) => text(row.TargetEntity))),
        (error: unknown) => {
          if (!concernsPart(error)) {
            this.#rules = undefined
            throw error
          }
          // Without the feature there is no such object.
          if (salesforceCode(error) !== 'INVALID_TYPE')
            this.#session.log.warn(
              'Restriction rules are hidden from the integration user; where there are any, too many may find a record.',
              {
                permission: 'View Restriction and Scoping Rules',
              },
            )
          return new Set<string>()
        },
      )
    return this.#rules
  }

  async #model(object: string, signal: AbortSignal): Promise<string> {
    const names = [...new Set([...this.#session.config.objects, 'Account', object])]
    this.#models ??= this.#modelsOf(names, signal)
    this.#models.catch(() => {
      this.#models = undefined
    })
    const known = await this.#models
    const found = known.get(object)
    if (found !== undefined) return found
    this.#models = this.#modelsOf([object], signal).then((more) => new Map([...known, [object, ''], ...more]))
    return (await this.#models).get(object) ?? ''
  }

  async #modelsOf(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const soql = `SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition WHERE QualifiedApiName IN (${names.map(quote).join(',')})`
    const rows = await this.#session.client.rows(soql, { signal })
    return new Map(rows.map((row) => [text(row.QualifiedApiName), text(row.InternalSharingModel)]))
  }

  async #parentsOf(
    object: string,
    signal: AbortSignal,
  ): Promise<readonly { readonly field: string; readonly object: string }[]> {
    const { fields } = await this.#session.schema.describe(object, signal)
    const references = fields.filter((one) => one.type === 'reference' && one.referenceTo?.length === 1)
    const masters = references.filter(({ relationshipOrder = null }) => relationshipOrder !== null)
    const found =
      object === 'Contact'
        ? references.filter(({ name }) => name === 'AccountId')
        : masters.length > 0
          ? masters
          : references.filter(({ cascadeDelete }) => cascadeDelete)
    return found.map(({ name, referenceTo }) => ({ field: name, object: referenceTo![0]! }))
  }

  #warn(object: string, reason: string): void {
    if (this.#warned.has(object)) return
    this.#warned.add(object)
    this.#session.log.warn('Who may see the records of an object cannot be told in full; it stays closed.', {
      object,
      reason,
    })
  }
}

function each(ids: readonly string[], make: (id: string) => Acl): Map<string, Acl> {
  return new Map(ids.map((id) => [id, make(id)]))
}

function sorted(principals: Iterable<Principal>): Principal[] {
  return [...principals].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

const mostSets = 16

/** Readable by whoever passes one of them: sets of each joined with sets of the other. Too many would explode; what is left out only closes. */
export function anyOf(acls: readonly Acl[]): Acl {
  let allOf: readonly (readonly Principal[])[] | undefined
  for (const acl of [...acls].sort((a, b) => a.allOf.length - b.allOf.length)) {
    if (!allOf) allOf = acl.allOf
    else if (allOf.length * acl.allOf.length <= mostSets) {
      const before = allOf
      const joined = before.flatMap((one) =>
        acl.allOf.map((other) =>
          sorted(new Map([...one, ...other].map((principal) => [JSON.stringify(principal), principal])).values()),
        ),
      )
      allOf = [...new Map(joined.map((set) => [JSON.stringify(set), set])).values()]
    }
  }
  return { allOf: allOf ?? [[]] }
}
