import type { Grant } from '@aws-sdk/client-s3'
import { type Acl, ConnectorError, type Entry, isConnectorError, type Principal } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import type { Bucket } from './client.ts'
import { aclOf, keyOf } from './entry.ts'

const everyone = 'http://acs.amazonaws.com/groups/global/AllUsers'

/** Access lists of these entries: from the rules without a call, from the objects with one call each. */
export async function* acls(
  bucket: Bucket,
  entries: readonly Entry[],
  signal: AbortSignal,
): AsyncGenerator<{ readonly id: string; readonly acl: Acl }> {
  if (bucket.config.aclMode !== 'objectAcl') {
    // Under no rule: nobody.
    for (const { id, path } of entries) yield { id, acl: aclOf(bucket.config, path) ?? { allOf: [[]] } }
    return
  }
  await assertObjectAcls(bucket, signal)
  const asked = mapConcurrently(entries, bucket.config.concurrency, (entry) => objectAcl(bucket, entry, signal))
  for await (const found of asked) if (found !== undefined) yield found
}

/** New buckets have object ACLs turned off, and then they say nothing about who may read. */
export async function assertObjectAcls(bucket: Bucket, signal: AbortSignal): Promise<void> {
  const controls = await bucket

    .call((s3, target, options) => s3.getBucketOwnershipControls(target, options), { verb: 'acl' }, signal)
    .catch((error: unknown) => {
      // None set, not allowed to look, or a store without them: the objects will tell.
      if (isConnectorError(error) && !['unauthenticated', 'rate_limited', 'unavailable'].includes(error.code)) return
      throw error
    })
  if (controls?.OwnershipControls?.Rules?.some(({ ObjectOwnership }) => ObjectOwnership === 'BucketOwnerEnforced'))
    throw new ConnectorError(
      'misconfigured',
      `Bucket ${JSON.stringify(bucket.config.bucket)} has object ACLs turned off. Set \`aclMode\` to "connection" or "rules".`,
    )
}

async function objectAcl(
  bucket: Bucket,
  entry: Entry,
  signal: AbortSignal,
): Promise<{ id: string; acl: Acl } | undefined> {
  const key = keyOf(bucket.config, entry)
  try {
    const { Grants = [] } = await bucket.call(
      (s3, target, options) => s3.getObjectAcl({ ...target, Key: key }, options),
      { verb: 'acl', key },
      signal,
    )
    return { id: entry.id, acl: { allOf: [Grants.filter(reads).flatMap(principal)] } }
  } catch (error) {
    // The last known list stays.
    if (isConnectorError(error) && ['forbidden', 'not_found', 'unprocessable'].includes(error.code)) return
    throw error
  }
}

function reads({ Permission }: Grant): boolean {
  return Permission === 'READ' || Permission === 'FULL_CONTROL'
}

function principal({ Grantee }: Grant): Principal[] {
  if (Grantee?.URI === everyone) return [{ type: 'anyone' }]
  if (Grantee?.URI !== undefined) return [{ type: 'group', id: Grantee.URI }]
  const { ID: id, EmailAddress: email } = Grantee ?? {}
  if (id === undefined && email === undefined) return []
  return [{ type: 'user', id: id ?? email ?? '', ...(email === undefined ? {} : { email }) }]
}
