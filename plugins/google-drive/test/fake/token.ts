import { createPublicKey, verify } from 'node:crypto'
import type { FakeDrive } from './server.ts'

/** https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
export async function exchange(drive: FakeDrive, request: Request): Promise<Response> {
  drive.calls.set('POST /token', drive.count('POST /token') + 1)
  const form = new URLSearchParams(await request.text())
  const [head = '', body = '', signature = ''] = (form.get('assertion') ?? '').split('.')
  const refuse = (status: number, error: string, error_description: string) =>
    Response.json({ error, error_description }, { status })
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString() || '{}') as {
    iss: string
    sub?: string
    scope: string
    aud: string
    iat: number
    exp: number
  }
  const account = drive.serviceAccounts.get(claims.iss)
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    return refuse(400, 'unsupported_grant_type', 'Invalid grant_type')
  if (
    !account ||
    !verify(
      'RSA-SHA256',
      Buffer.from(`${head}.${body}`),
      createPublicKey(account.publicKey),
      Buffer.from(signature, 'base64url'),
    )
  )
    return refuse(400, 'invalid_grant', 'Invalid JWT Signature.')
  if (claims.aud !== `${drive.url}/token` || claims.exp - claims.iat > 3600)
    return refuse(400, 'invalid_grant', 'Invalid JWT: Token must be a short-lived token (60 minutes).')
  const scopes = claims.scope.split(' ')
  if (claims.sub && !scopes.every((scope) => account.delegated.includes(scope)))
    return refuse(
      401,
      'unauthorized_client',
      'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
    )
  const accessToken = `sa-${claims.sub ?? claims.iss}-${drive.count('POST /token')}`
  drive.token(accessToken, scopes, claims.sub ?? claims.iss)
  return Response.json({ access_token: accessToken, expires_in: 3599, token_type: 'Bearer' })
}
