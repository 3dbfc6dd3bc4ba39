import { randomBytes } from 'node:crypto'
import type { CredentialVault, Store } from '@cx/store'

const name = 'webhook'
/** How long a source may take to hand over its secret, or to ask whether the address is ours. */
const handshakeMs = 3_600_000

/** What proves that a delivery comes from the source. */
export interface HookSecret {
  /** Absent while the source's own one is waited for. */
  readonly secret?: string
  /** It came from the source, and nobody has seen it yet. */
  readonly unseen?: boolean
  /** Epoch milliseconds until which an unsigned handshake is answered. */
  readonly handshakeUntil?: number
}

interface Keeper {
  readonly vault: Pick<CredentialVault, 'get' | 'put'>
  readonly store: Pick<Store, 'deleteHookSubscription'>
}

export async function hookSecret({ vault }: Pick<Keeper, 'vault'>, connectorId: string): Promise<HookSecret> {
  return ((await vault.get(connectorId, name)) ?? {}) as HookSecret
}

/** Null takes it away: deliveries are refused from then on. A subscription under another secret is made anew. */
export async function setHookSecret(
  { vault, store }: Keeper,
  connectorId: string,
  secret: string | null,
): Promise<void> {
  await vault.put(connectorId, name, secret === null ? {} : { secret })
  await store.deleteHookSubscription(connectorId)
}

/** Makes a new one: 256 random bits. */
export async function generateHookSecret(keeper: Keeper, connectorId: string): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  await setHookSecret(keeper, connectorId, secret)
  return secret
}

/** Answers unsigned handshakes for an hour; with `keep`, under the secret there is. */
export async function awaitHandshake(
  { vault }: Pick<Keeper, 'vault'>,
  connectorId: string,
  keep: boolean,
): Promise<void> {
  const { secret } = keep ? await hookSecret({ vault }, connectorId) : {}
  await vault.put(connectorId, name, { ...(secret && { secret }), handshakeUntil: Date.now() + handshakeMs })
}

/** Keeps the secret that the source handed over. */
export async function keepHandedOver(
  { vault }: Pick<Keeper, 'vault'>,
  connectorId: string,
  secret: string,
): Promise<void> {
  await vault.put(connectorId, name, { secret, unseen: true })
}

/** A secret that the source handed over, once. */
export async function takeUnseen({ vault }: Pick<Keeper, 'vault'>, connectorId: string): Promise<string | undefined> {
  const { secret, unseen } = await hookSecret({ vault }, connectorId)
  if (!secret || !unseen) return undefined
  await vault.put(connectorId, name, { secret })
  return secret
}
