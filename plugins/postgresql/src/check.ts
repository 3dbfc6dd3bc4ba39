import { type CapabilityCheck, type CheckResult, ConnectorError, type Run } from '@cx/core'
import type { Config } from './config.ts'
import { concernsEverything, toConnectorError } from './errors.ts'
import type { Session } from './session.ts'
import { assertPublished, slotState } from './slot.ts'
import { sampleStatement } from './statements.ts'
import type { Target } from './targets.ts'

/** Connects, looks up the tables and reads one row: the calls that a sync makes. */
export async function check(session: Session, run: Run<Config>): Promise<CheckResult> {
  const { config, database } = session
  const { signal } = run
  const server = await whoAmI(session, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    throw atTheDesk(error)
  })
  const targets = await session.targets(signal).catch((error: unknown) => {
    signal.throwIfAborted()
    throw toConnectorError(error, 'Looking up the tables')
  })
  const checks = [
    tlsCheck(config, database.encrypted),
    ...tableChecks(config, targets),
    await readCheck(session, targets, signal),
    ...(config.changeTracking === 'cdc' ? [await slotCheck(session, targets, signal)] : []),
  ]
  if (targets.length > 0 && targets.every(({ plan }) => plan === undefined))
    throw targets[0]?.problem ?? new ConnectorError('forbidden', 'No table is readable.')
  return { account: server.account, tenant: server.tenant, checks }
}

async function whoAmI({ config, database }: Session, signal: AbortSignal) {
  return database.read(signal, async (transaction) => {
    const [row = []] = await transaction.rows({
      text: `SELECT current_user, current_setting('server_version'), pg_is_in_recovery(),
  (SELECT oid FROM pg_database WHERE datname = current_database()), current_database(),
  has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')`,
    })
    const [user, version, standby, oid, name, mayIdentify] = row
    const [id] =
      mayIdentify === 't' ? await transaction.rows({ text: 'SELECT system_identifier FROM pg_control_system()' }) : []
    return {
      account: `${user} at ${config.host}:${config.port}/${name} (PostgreSQL ${version}${standby === 't' ? ', standby' : ''})`,
      // A standby has its primary's identifier: moving there is no move to another source.
      tenant: `${id?.[0] ?? `${config.host}:${config.port}`}/${oid}/${name}`,
    }
  })
}

/** With a person waiting, an address that nobody answers at is a typing mistake first. */
function atTheDesk(error: unknown): ConnectorError {
  const failure = toConnectorError(error, 'Connecting')
  const unreachable = /\((ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENOENT)\)/.test(failure.message)
  if (!unreachable) return failure
  return new ConnectorError('misconfigured', failure.message, {
    remediation: failure.remediation ?? 'Check `host` and `port`.',
  })
}

function tlsCheck({ sslMode }: Config, encrypted: boolean): CapabilityCheck {
  const capability = 'tls'
  if (!encrypted)
    return {
      capability,
      status: 'skipped',
      message: 'The connection is not encrypted.',
      remediation: 'Set `sslMode` to "verify-full" when the server supports TLS.',
    }
  return sslMode === 'verify-full' || sslMode === 'verify-ca'
    ? { capability, status: 'ok', message: 'Encrypted, and the server certificate was verified.' }
    : { capability, status: 'ok', message: 'Encrypted; the server certificate is not verified in this mode.' }
}

function tableChecks(config: Config, targets: readonly Target[]): CapabilityCheck[] {
  const unreadable = targets.flatMap(({ problem }) => (problem ? [problem] : []))
  const plans = targets.flatMap(({ plan }) => (plan ? [plan] : []))
  const keyless = plans.filter(({ key }) => key.length === 0)
  const withoutAcl = config.aclColumn ? plans.filter(({ facts }) => !facts.some(({ role }) => role === 'acl')) : []
  return [
    targets.length === 0
      ? { capability: 'tables', status: 'failed', message: `Nothing is selected in schema ${config.schema}.` }
      : { capability: 'tables', status: 'ok', message: `${plans.length} of ${targets.length} selected are readable.` },
    ...unreadable.map((problem) => failedCheck('read', problem)),
    ...keyless.map(
      ({ label }): CapabilityCheck => ({
        capability: 'changes',
        status: 'skipped',
        message: `${label} has no key: every sync reads all of it.`,
        remediation: 'Set `idColumns`, or add a primary key.',
      }),
    ),
    ...withoutAcl.map(
      ({ label }): CapabilityCheck => ({
        capability: 'permissions',
        status: 'failed',
        message: `${label} has no column ${config.aclColumn}: nobody may find its rows.`,
      }),
    ),
  ]
}

/** One row of the first readable table, with all that is listed and read of it. */
async function readCheck(
  { config, database }: Session,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<CapabilityCheck> {
  const capability = 'content'
  const plan = targets.find((target) => target.plan)?.plan
  if (!plan) return { capability, status: 'skipped', message: 'No table is readable.' }
  try {
    const statement = sampleStatement(plan, config.maxRowBytes)
    const rows = await database.read(signal, (transaction) => transaction.rows(statement))
    const message = rows.length > 0 ? `Read one row of ${plan.label}.` : `${plan.label} is readable and empty.`
    return { capability, status: 'ok', message }
  } catch (error) {
    signal.throwIfAborted()
    const failure = toConnectorError(error, `Reading ${plan.label}`)
    if (config.query !== undefined || concernsEverything(failure)) throw failure
    return failedCheck(capability, failure)
  }
}

function failedCheck(capability: string, { message, remediation }: ConnectorError): CapabilityCheck {
  return { capability, status: 'failed', message, ...(remediation === undefined ? {} : { remediation }) }
}

async function slotCheck(
  { config, database }: Session,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<CapabilityCheck> {
  const capability = 'change feed'
  try {
    const { backlog, held, limited } = await database.read(signal, async (transaction) => {
      await assertPublished(transaction, config, targets)
      return slotState(transaction, config)
    })
    const message = `Slot ${config.slotName} holds back ${held} bytes of WAL.`
    if (backlog > config.maxSlotLagBytes)
      return {
        capability,
        status: 'failed',
        message,
        remediation: 'The next sync lists everything instead, and the one after it lets the slot go forward.',
      }
    return limited
      ? { capability, status: 'ok', message }
      : {
          capability,
          status: 'ok',
          message,
          remediation:
            'Set `max_slot_wal_keep_size` on the server: without it a slot that nobody reads fills the disk.',
        }
  } catch (error) {
    signal.throwIfAborted()
    return failedCheck(capability, toConnectorError(error, 'Reading the replication slot'))
  }
}
