import ipaddr from 'ipaddr.js'

/** Who makes a connection: a connector to its source, or this host to an address that someone asked to be told at. */
export type Audience = 'connector' | 'webhook'

/** What may be connected to. */
export interface Policy {
  /** Why this name or address may not be connected to; undefined when it may, as far as can be said before it is looked up. */
  refuseName(hostname: string): string | undefined
  /** Why this address may not be connected to. */
  refuseAddress(address: string): string | undefined
}

export interface PolicyOptions {
  readonly audience: Audience
  /** Whether the host itself listens on loopback, so that what runs on this machine is its user's. */
  readonly loopback: boolean
  /** CIDRs that are allowed besides. They open no metadata service. */
  readonly allow: readonly string[]
}

/** Thrown instead of a connection. The message is a sentence for people. */
export class EgressError extends Error {
  override readonly name = 'EgressError'
  readonly code = 'egress_denied'
}

/**
 * Where clouds hand out the credentials of the machine: AWS and most others, AWS over IPv6, ECS tasks, EKS pods,
 * Alibaba, Oracle, Azure's wire server.
 */
const metadataAddresses: ReadonlySet<string> = new Set([
  '169.254.169.254',
  'fd00:ec2::254',
  '169.254.170.2',
  '169.254.170.23',
  'fd00:ec2::23',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
])

const metadataNames: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
])

/** Reasons that no setting changes. */
export const neverAllowed: RegExp = /metadata service|no address/

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Makes the rules of one audience. @throws Error for an `allow` that is no CIDR. */
export function createPolicy({ audience, loopback, allow }: PolicyOptions): Policy {
  const allowed = allow.map(parseCidr)
  const refuseAddress = (address: string): string | undefined => {
    if (!ipaddr.isValid(address)) return `${address} is no address`
    const ip = innermost(ipaddr.parse(address))
    if (metadataAddresses.has(ip.toString())) return `${address} is a metadata service of a cloud`
    const range = ip.range()
    // 0.0.0.0 reaches this machine whatever it listens on.
    if (range === 'unspecified' || range === 'broadcast' || range === 'multicast')
      return `${address} is no address of a single machine`
    if (allowed.some(([network, bits]) => network.kind() === ip.kind() && ip.match(network, bits))) return undefined
    if (range === 'linkLocal') return `${address} is a link-local address`
    if (audience === 'webhook') return range === 'unicast' ? undefined : `${address} is not a public address`
    if (range === 'loopback')
      return loopback ? undefined : `${address} is this machine itself, and this server is open to others`
    return range === 'unicast' || range === 'private' || range === 'uniqueLocal' || range === 'carrierGradeNat'
      ? undefined
      : `${address} is in a reserved range (${range})`
  }
  return {
    refuseAddress,
    refuseName(hostname) {
      const name = bare(hostname)
      if (metadataNames.has(name)) return `${hostname} is a metadata service of a cloud`
      return ipaddr.isValid(name) ? refuseAddress(name) : undefined
    },
  }
}

/** Without the brackets of a URL, the zone of an interface and the dot at the end. */
export function bare(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
    .replace(/\.$/, '')
    .toLowerCase()
}

/** @throws Error when it is none. A single address is taken as a range of one. */
export function parseCidr(cidr: string): Range {
  if (ipaddr.isValid(cidr)) {
    const ip = ipaddr.parse(cidr)
    return [ip, ip.kind() === 'ipv4' ? 32 : 128]
  }
  return ipaddr.parseCIDR(cidr)
}

/** The IPv4 address that an IPv6 one stands for: mapped, compatible (::a.b.c.d), NAT64 (RFC 6052) or 6to4 (RFC 3056). */
function innermost(ip: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(ip instanceof ipaddr.IPv6)) return ip
  if (ip.isIPv4MappedAddress()) return ip.toIPv4Address()
  const bytes = ip.toByteArray()
  const ipv4At = (start: number) => new ipaddr.IPv4(bytes.slice(start, start + 4))
  const { parts } = ip
  if (parts[0] === 0x2002) return ipv4At(2)
  if (ip.match(nat64, 96)) return ipv4At(12)
  if (parts.slice(0, 6).every((part) => part === 0) && (parts[6] !== 0 || (parts[7] ?? 0) > 1)) return ipv4At(12)
  return ip
}

const nat64 = ipaddr.IPv6.parse('64:ff9b::')
