type Attributes = Readonly<Record<string, unknown>>

export function attributeOf(attributes: Attributes, name: string): string | undefined {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Where a link goes, if it goes out of the document. */
export function linkTarget(attributes: Attributes): string | undefined {
  const url = attributeOf(attributes, 'href') ?? attributeOf(attributes, 'xlink:href') ?? attributeOf(attributes, 'url')
  return url !== undefined && /^(https?|mailto|ftp):/i.test(url) ? url : undefined
}

/** Of a cell, by the names of columns that tables of CALS have. */
export function spanAttributes(attributes: Attributes): string {
  const number = (name: string): number => Number.parseInt(attributeOf(attributes, name)?.replace(/^\D+/, '') ?? '', 10)
  const columns = number('nameend') - number('namest') + 1 || number('colspan')
  const rows = number('morerows') + 1 || number('rowspan')
  return `${columns > 1 ? ` colspan="${columns}"` : ''}${rows > 1 ? ` rowspan="${rows}"` : ''}`
}

export function languageAttribute(attributes: Attributes): string {
  const language = attributeOf(attributes, 'language') ?? attributeOf(attributes, 'code-type')
  return language !== undefined && /^[\w+#-]{1,20}$/.test(language) ? ` class="language-${language}"` : ''
}

export function headingLevel(attributes: Attributes): number {
  const level = Number.parseInt(attributeOf(attributes, 'level') ?? '', 10)
  return level >= 1 && level <= 5 ? level : 1
}

export function escapeMarkup(text: string): string {
  return /[&<"]/.test(text) ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;') : text
}
