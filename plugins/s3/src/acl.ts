import type { Grant } from '@aws-sdk/client-s3'
import { type Acl, ConnectorError, type Entry, isConnectorError, type Principal } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import type { OpenBucket } from './client.ts'
import { aclOf, keyOf } from './entry.ts'

const everyone = 'http://acs.amazonaws.com/groups/global/AllUsers'

/** Access lists of these entries: from the rules without a call, from the objects with one call each. */
export async function* acls(
  bucket: OpenBucket,
  entries: readonly Entry[],
  signal: AbortSignal,
): AsyncGenerator<{ readonly id: string; readonly acl: Acl }> {
  if (bucket.config.aclMode !== 'objectAcl') {
    // Under no rule: nobody.
    for (const { id, path } of entries) yield { id, acl: aclOf(bucket.config, path) ?? { allOf: [[]] } }
    return
  }
  const open = await openness(bucket, signal)
  const asked = mapConcurrently(entries, bucket.config.concurrency, (entry) => objectAcl(bucket, entry, open, signal))
  for await (const found of asked) if (found !== undefined) yield found
}

const known = new WeakMap<OpenBucket, Promise<boolean>>()

/** Whether a grant to everyone opens an object of this bucket; asked once a session. */
function openness(bucket: OpenBucket, signal: AbortSignal): Promise<boolean> {
  const found = known.get(bucket) ?? assertObjectAcls(bucket, signal).then(() => honoursPublicAcls(bucket, signal))
  known.set(bucket, found)
  found.catch(() => known.delete(bucket))
  return found
}

/** New buckets have object ACLs turned off, and then they say nothing about who may read. */
export async function assertObjectAcls(bucket: OpenBucket, signal: AbortSignal): Promise<void> {
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

/**
 * S3 can be told to overlook grants to everyone, as it is for new buckets. Not known is as good as told.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
async function honoursPublicAcls(bucket: OpenBucket, signal: AbortSignal): Promise<boolean> {
  try {
    const { PublicAccessBlockConfiguration: block } = await bucket.call(
      (s3, target, options) => s3.getPublicAccessBlock(target, options),
      { verb: 'acl' },
      signal,
    )
    return block?.IgnorePublicAcls === false
  } catch (error) {
    if (!isConnectorError(error) || ['unauthenticated', 'rate_limited', 'unavailable'].includes(error.code)) throw error
    // None set, or a store that knows no such thing.
    const name = (error.cause as Error | undefined)?.name ?? ''
    return ['NoSuchPublicAccessBlockConfiguration', 'NotImplemented', 'MethodNotAllowed'].includes(name)
  }
}

async function objectAcl(
  bucket: OpenBucket,
  entry: Entry,
  open: boolean,
  signal: AbortSignal,
): Promise<{ id: string; acl: Acl } | undefined> {
  const key = keyOf(bucket.config, entry)
  try {
    const { Grants = [] } = await bucket.call(
      (s3, target, options) => s3.getObjectAcl({ ...target, Key: key }, options),
      { verb: 'acl', key },
      signal,
    )
    return { id: entry.id, acl: { allOf: [Grants.filter(reads).flatMap((grant) => principal(grant, open))] } }
  } catch (error) {
    // The last known list stays.
    if (isConnectorError(error) && ['forbidden', 'not_found', 'unprocessable'].includes(error.code)) return
    throw error
  }
}

function reads({ Permission }: Grant): boolean {
  return Permission === 'READ' || Permission === 'FULL_CONTROL'
}

function principal({ Grantee }: Grant, open: boolean): Principal[] {
  if (Grantee?.URI === everyone) return open ? [{ type: 'anyone' }] : []
  if (Grantee?.URI !== undefined) return [{ type: 'group', id: Grantee.URI }]
  const { ID: id, EmailAddress: email } = Grantee ?? {}
  if (id === undefined && email === undefined) return []
  return [{ type: 'user', id: id ?? email ?? '', ...(email === undefined ? {} : { email }) }]
}
