import { type Auth, apiVersion, type JsonSchema } from '@cx/core'
import { properties, schemaFault } from '../driver/schema.ts'
import { few, type Law, must } from '../law.ts'

const secretName = /(password|passphrase|secret|private_?key|api_?key|access_?token|session_?token|^token$|credential)/i

export const declarationLaws: readonly Law[] = [
  {
    id: 'declaration.identity',
    group: 'declaration',
    reason: 'A host finds, shows and stores a connector by its name, title and description.',
    async run({ connector }) {
      must(/^[a-z][a-z0-9_]*$/.test(connector.name), `name ${JSON.stringify(connector.name)} is not snake_case`)
      must(connector.title?.trim(), 'title is empty')
      must(connector.description?.trim(), 'description is empty')
      must(
        connector.apiVersion === apiVersion,
        `apiVersion is ${connector.apiVersion}, this kit is for ${apiVersion}: make it with defineConnector of the same @cx/core`,
      )
      return undefined
    },
  },
  {
    id: 'declaration.schema',
    group: 'declaration',
    reason: 'Forms, validation and documentation are made from the schemas, so they must be valid JSON Schema 2020-12.',
    async run({ connector }) {
      for (const { where, schema } of schemasOf(connector)) {
        const fault = schemaFault(schema)
        must(fault === undefined, `${where} is no valid draft 2020-12 schema: ${fault}`)
        must(schema.type === 'object', `${where} must have type "object"`)
        for (const property of properties(schema))
          must(
            property.schema.type !== undefined || property.schema.enum !== undefined,
            `${where}: ${property.path} has neither \`type\` nor \`enum\`, so it accepts anything`,
          )
      }
      return undefined
    },
  },
  {
    id: 'declaration.described',
    group: 'declaration',
    reason: 'A field without a title or description shows up in forms as a bare key that nobody can fill in.',
    async run({ connector }) {
      const bare: string[] = []
      for (const { where, schema } of schemasOf(connector))
        for (const property of properties(schema))
          if (!property.schema.title?.trim() && !property.schema.description?.trim())
            bare.push(`${where}: ${property.path}`)
      must(bare.length === 0, `no title and no description: ${few(bare)}`)
      return undefined
    },
  },
  {
    id: 'declaration.secrets',
    group: 'declaration',
    reason: 'Only a field marked `writeOnly` is masked in forms, encrypted and never returned.',
    async run({ connector }) {
      for (const { where, schema } of schemasOf(connector))
        for (const property of properties(schema)) {
          const looksSecret = property.schema.type === 'string' && secretName.test(property.name)
          must(
            !looksSecret || property.schema.writeOnly,
            `${where}: ${property.path} looks like a secret and is not writeOnly`,
          )
        }
      for (const [method, auth] of Object.entries(connector.auth))
        if (auth.kind === 'secret')
          must(
            [...properties(auth.schema)].some((property) => property.schema.writeOnly),
            `auth.${method} is a secret, and none of its fields is writeOnly`,
          )
      return undefined
    },
  },
  {
    id: 'declaration.oauth',
    group: 'declaration',
    reason: 'Authorization codes and tokens travel to these addresses.',
    async run({ connector }) {
      for (const [method, auth] of Object.entries(connector.auth))
        if (auth.kind === 'oauth2') checkOAuth(method, auth, connector.config)
      return undefined
    },
  },
  {
    id: 'declaration.limits',
    group: 'declaration',
    reason: 'The engine sizes its pools by these numbers.',
    async run({ connector }) {
      const { rateOf, ...numbers } = connector.limits ?? {}
      must(rateOf === undefined || typeof rateOf === 'function', 'limits.rateOf is no function')
      for (const [name, value] of Object.entries(numbers))
        must(
          value === undefined || (Number.isInteger(value) && value > 0),
          `limits.${name} is ${value}, not a whole number above 0`,
        )
      const { rendering } = connector
      must(rendering === undefined || Number.isInteger(rendering), `rendering is ${rendering}, not a whole number`)
      return undefined
    },
  },
]

function* schemasOf(connector: { config: JsonSchema; auth: { readonly [method: string]: Auth } }) {
  yield { where: 'config', schema: connector.config }
  for (const [method, auth] of Object.entries(connector.auth))
    if (auth.kind === 'secret') yield { where: `auth.${method}`, schema: auth.schema }
}

function checkOAuth(method: string, auth: Extract<Auth, { kind: 'oauth2' }>, config: JsonSchema): void {
  const urls = { authorizationUrl: auth.authorizationUrl, tokenUrl: auth.tokenUrl, revocationUrl: auth.revocationUrl }
  for (const [name, url] of Object.entries(urls)) {
    if (url === undefined && name === 'revocationUrl') continue
    must(url !== undefined && URL.canParse(url), `auth.${method}.${name} is not a URL: ${JSON.stringify(url)}`)
    must(new URL(url).protocol === 'https:', `auth.${method}.${name} is not https`)
  }
  must(new Set(auth.scopes).size === auth.scopes.length, `auth.${method}.scopes repeats a scope`)
  must(
    auth.revocation === undefined || auth.revocationUrl !== undefined,
    `auth.${method}.revocation says what to revoke, and nothing where: it needs a revocationUrl`,
  )
  for (const field of auth.ownHost?.fields ?? [])
    must(
      config.properties?.[field]?.type === 'string',
      `auth.${method}.ownHost names the field ${field}, which is no text of the configuration`,
    )
  must(
    auth.ownHost === undefined || auth.ownHost.hosts.length > 0,
    `auth.${method}.ownHost lets no host in: name the vendor's, such as *.example.com`,
  )
}
