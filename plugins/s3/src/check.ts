import { type CapabilityCheck, type CheckResult, isConnectorError } from '@cx/core'
import { assertObjectAcls } from './acl.ts'
import type { OpenBucket, StoredObject } from './client.ts'
import { matcher, toEntry } from './entry.ts'

/** Lists a few keys and reads one byte: the calls that a sync makes. Never HEAD, whose errors say nothing. */
export async function checkBucket(bucket: OpenBucket, signal: AbortSignal): Promise<CheckResult> {
  const { config } = bucket
  const { objects } = await bucket.page({ prefix: config.prefix, limit: 20 }, signal)
  const wanted = matcher(config)
  const sample = objects.find(
    (object) => wanted(object) && toEntry(config, bucket.region, object).unavailable === undefined,
  )
  const checks: CapabilityCheck[] = [
    objects.length > 0
      ? { capability: 'list', status: 'ok', message: 'The bucket can be listed.' }
      : await empty(bucket, signal),
    sample === undefined
      ? { capability: 'read', status: 'skipped', message: 'There is no object to try among the first 20.' }
      : await attempt('read', `${JSON.stringify(sample.key)} can be read.`, () => readOne(bucket, sample, signal)),
    {
      capability: 'write',
      status: 'skipped',
      message: 'Not tried, since it would change the bucket. Uploads need s3:PutObject, deletions s3:DeleteObject.',
    },
  ]
  if (config.aclMode === 'objectAcl')
    checks.push(await attempt('permissions', 'Objects have access lists.', () => assertObjectAcls(bucket, signal)))
  return {
    account: `s3://${config.bucket}/${config.prefix ?? ''} (${config.endpoint ?? bucket.region})`,
    ...(config.expectedBucketOwner === undefined ? {} : { tenant: config.expectedBucketOwner }),
    checks,
  }
}

async function readOne(bucket: OpenBucket, { key, size }: StoredObject, signal: AbortSignal): Promise<void> {
  // A range of an empty object is an error.
  const { Body } = await bucket.get(key, size === 0 ? {} : { range: 'bytes=0-0' }, signal)
  await Body?.transformToByteArray()
}

async function attempt(capability: string, message: string, work: () => Promise<void>): Promise<CapabilityCheck> {
  try {
    await work()
    return { capability, status: 'ok', message }
  } catch (error) {
    if (!isConnectorError(error)) throw error
    const { remediation } = error
    return {
      capability,
      status: 'failed',
      message: error.message,
      ...(remediation === undefined ? {} : { remediation }),
    }
  }
}

/** Nothing has the prefix. A leading slash is part of a key, and mostly one that nobody meant. */
async function empty(bucket: OpenBucket, signal: AbortSignal): Promise<CapabilityCheck> {
  const { prefix = '' } = bucket.config
  if (prefix === '') return { capability: 'list', status: 'ok', message: 'The bucket can be listed. It is empty.' }
  const without = prefix.replace(/^\/+/, '')
  const message = `No key begins with ${JSON.stringify(prefix)}.`
  if (without === prefix) return { capability: 'list', status: 'ok', message }
  const { objects } = await bucket.page({ prefix: without, limit: 1 }, signal)
  if (objects.length === 0) return { capability: 'list', status: 'ok', message }
  const remediation = `Keys rarely begin with a slash. Did you mean ${JSON.stringify(without)}?`
  return { capability: 'list', status: 'failed', message, remediation }
}
