import { ConnectorError } from '@cx/core'

/** An id as Notion writes it: lower case, with dashes. Undefined where the text holds none. */
export function idIn(text: string): string | undefined {
  const path = text.trim().split(/[?#]/)[0]!
  const hex = /([0-9a-f]{32})$/i.exec(path.replaceAll('-', ''))?.[1]?.toLowerCase()
  return hex?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/**
 * The ids of a configured list.
 *
 * @throws ConnectorError `misconfigured`
 */
export function idsIn(texts: readonly string[], field: string): string[] {
  return texts.map((text) => {
    const id = idIn(text)
    if (id === undefined)
      throw new ConnectorError('misconfigured', `\`${field}\` holds ${JSON.stringify(text)}, which is no Notion id.`, {
        remediation: 'Copy the link of the page or database in Notion (··· → Copy link) and paste it.',
      })
    return id
  })
}
