import { lookup as resolve } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'
import { pipeline, Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { ConnectorError } from '@cx/core'
import type { HttpRequest, HttpResponse } from '@smithy/types'

type Exact = (
  request: HttpRequest,
  headers: [string, string][],
  signal: AbortSignal | undefined,
) => Promise<HttpResponse>

/** What a name must not turn into between the host's check and ours. */
const inward = new BlockList()
inward.addSubnet('127.0.0.0', 8)
inward.addSubnet('169.254.0.0', 16)
inward.addSubnet('0.0.0.0', 8)
inward.addAddress('::1', 'ipv6')
inward.addSubnet('fe80::', 10, 'ipv6')
inward.addAddress('fd00:ec2::254', 'ipv6')

/**
 * Requests for keys with `.` and `..` segments, which are legal in S3 and which no `fetch` can ask for.
 * The host's `fetch` is asked for the same address first, so that it refuses what it would refuse.
 * Decision: docs/decisions/020-s3-through-the-hosts-fetch.md
 */
export function exactRequest(send: typeof fetch): Exact {
  const allowed = new Map<string, Promise<unknown>>()
  return async (request, headers, signal) => {
    const origin = originOf(request)
    const check =
      allowed.get(origin) ??
      send(`${origin}/`, { redirect: 'manual', ...(signal ? { signal } : {}) }).then((answer) => answer.body?.cancel())
    allowed.set(origin, check)
    await check.catch((error: unknown) => {
      allowed.delete(origin)
      throw error
    })
    return new Promise((fulfil, reject) => {
      const options = {
        method: request.method,
        headers: Object.fromEntries(headers),
        path: request.path + queryOf(request),
        lookup: outward,
      }
      const outgoing = (request.protocol === 'https:' ? https : http).request(origin, {
        ...options,
        ...(signal ? { signal } : {}),
      })
      outgoing.on('error', reject).on('response', (incoming) => {
        const values = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
        fulfil({
          statusCode: incoming.statusCode ?? 0,
          headers: Object.fromEntries(values),
          body: Readable.toWeb(decoded(incoming)),
        })
      })
      outgoing.end(request.body)
    })
  }
}

/** As `fetch` does with what is stored compressed. */
function decoded(incoming: http.IncomingMessage): Readable {
  const decoders: Readonly<Record<string, () => Transform>> = {
    gzip: createGunzip,
    'x-gzip': createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  }
  const decoder = decoders[(incoming.headers['content-encoding'] ?? '').trim().toLowerCase()]?.()
  // Its errors come out of the decoder.
  return decoder === undefined ? incoming : pipeline(incoming, decoder, () => {})
}

const outward: LookupFunction = (hostname, options, callback) => {
  if (hostname === 'localhost' || isIP(hostname)) return resolve(hostname, options, callback)
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const bad = addresses?.find(({ address }) => inward.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
    if (error) return callback(error, '')
    if (bad)
      return callback(
        new ConnectorError('misconfigured', `${hostname} leads to ${bad.address}, which is not allowed.`),
        '',
      )
    if (options.all) return callback(null, addresses)
    callback(null, addresses[0]!.address, addresses[0]!.family)
  })
}

export function originOf({ protocol, hostname, port }: HttpRequest): string {
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`
}

export function queryOf(request: HttpRequest): string {
  const pairs = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one ?? '')}`),
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
