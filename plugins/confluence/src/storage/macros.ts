import { attributeOf, childOf, type Element, elementsOf, textOf } from './dom.ts'
import { mention, resource } from './links.ts'
import { codeBlock, escaped, link, quote, type Writer } from './writer.ts'

/** Alerts of GitHub's Markdown by the macro that looks like them. */
const alerts: Readonly<Record<string, string>> = {
  info: 'NOTE',
  note: 'WARNING',
  warning: 'CAUTION',
  tip: 'TIP',
  panel: 'NOTE',
}

/** What lists or decorates and says nothing itself. */
const dropped = new Set([
  'anchor',
  'blog-posts',
  'change-history',
  'children',
  'contentbylabel',
  'content-report-table',
  'contributors',
  'contributors-summary',
  'create-from-template',
  'detailssummary',
  'favpages',
  'labels-list',
  'livesearch',
  'navmap',
  'pagetree',
  'pagetreesearch',
  'popular-labels',
  'recently-updated',
  'recently-updated-dashboard',
  'related-labels',
  'search',
  'space-attachments',
  'tasks-report-macro',
  'toc',
  'toc-zone-toc',
])

const inlineMacros = new Set(['anchor', 'jira', 'jiraissues', 'profile', 'status', 'view-file', 'mathinline'])

export function isInlineMacro(element: Element): boolean {
  return inlineMacros.has(nameOf(element))
}

/** What a macro says, without asking Confluence to carry it out. */
export function macroMarkdown(element: Element, writer: Writer): string {
  const name = nameOf(element)
  const title = parameter(element, 'title')
  const rich = () => {
    const body = childOf(element, 'ac:rich-text-body')
    return body ? writer.blocks(body.children) : ''
  }
  if (dropped.has(name)) return ''
  const alert = alerts[name]
  if (alert) return alertMarkdown(alert, title, rich(), writer)
  switch (name) {
    case 'code':
    case 'noformat':
    case 'mathblock': {
      const code = codeBlock(plainBody(element), languageOf(element, name), writer)
      return joined(title && `**${escaped(title, writer)}**`, code, writer)
    }
    case 'expand':
    case 'ui-expand':
      return joined(`**${escaped(title ?? 'Details', writer)}**`, rich(), writer)
    case 'status':
      return `\\[${escaped(title ?? parameter(element, 'colour') ?? '', writer)}\\]`
    case 'jira':
    case 'jiraissues':
      return jira(element, writer)
    case 'profile': {
      const user = elementsOf(parameterElement(element, 'user', '')?.children ?? []).find(isUser)
      return user ? mention(user, writer) : ''
    }
    case 'include':
    case 'excerpt-include': {
      const { text, url } = included(element, writer)
      return url ? `Included: ${link(escaped(text, writer), url)}` : ''
    }
    case 'attachments':
      return link('Attachments', `${writer.place.web}/pages/viewpageattachments.action?pageId=${writer.place.pageId}`)
    case 'view-file':
    case 'viewpdf':
    case 'viewdoc':
    case 'viewxls':
    case 'viewppt':
    case 'multimedia':
      return fileLink(element, writer)
    case 'drawio':
    case 'drawio-sketch':
    case 'inc-drawio':
    case 'gliffy':
    case 'lucidchart':
    case 'plantuml':
    case 'mermaid-macro':
      return diagram(element, writer)
    case 'widget':
    case 'iframe':
      return urlLink(element, writer)
    default:
      return unknown(element, name, rich(), writer)
  }
}

function nameOf(element: Element): string {
  return attributeOf(element, 'ac:name') ?? ''
}

function parameter(element: Element, name: string): string | undefined {
  const found = parameterElement(element, name)
  return found && (textOf(found).trim() || undefined)
}

function isUser({ name }: Element): boolean {
  return name === 'ri:user'
}

function parameterElement(element: Element, ...names: readonly string[]): Element | undefined {
  return elementsOf(element.children).find(
    (one) =>
      (one.name === 'ac:parameter' && names.includes(attributeOf(one, 'ac:name') ?? '')) ||
      (one.name === 'ac:default-parameter' && names.includes('')),
  )
}

function plainBody(element: Element): string {
  const body = childOf(element, 'ac:plain-text-body')
  return body ? textOf(body) : ''
}

function languageOf(element: Element, macro: string): string {
  if (macro === 'mathblock') return 'math'
  const language = macro === 'code' ? (parameter(element, 'language') ?? '') : ''
  return language === 'none' ? '' : language.toLowerCase().replace(/[^\w+#.-]/g, '')
}

function alertMarkdown(alert: string, title: string | undefined, body: string, writer: Writer): string {
  if (writer.inCell) return joined(title && `**${escaped(title, writer)}**`, body, writer)
  if (!title && body === '') return ''
  return quote([`[!${alert}]${title ? ` ${escaped(title, writer)}` : ''}`, body].filter(Boolean).join('\n'))
}

function joined(head: string | undefined, body: string, { inCell }: Writer): string {
  return [head, body].filter(Boolean).join(inCell ? '<br>' : '\n\n')
}

function jira(element: Element, writer: Writer): string {
  const key = parameter(element, 'key')
  if (key) return escaped(key, writer)
  const query = parameter(element, 'jqlQuery') ?? parameter(element, 'url')
  return query ? `\\[Jira: ${escaped(query, writer)}\\]` : '\\[Jira\\]'
}

/** The page is named by a link, or in older texts by its title, with its space before a colon. */
function included(element: Element, writer: Writer): { readonly text: string; readonly url: string | undefined } {
  const named = parameterElement(element, '', 'page', 'pageTitle')
  if (!named) return { text: '', url: undefined }
  const page = elementsOf(named.children)
    .flatMap((one) => (one.name === 'ac:link' ? elementsOf(one.children) : [one]))
    .find(({ name }) => name === 'ri:page' || name === 'ri:blog-post')
  if (page) return resource(page, writer)
  const [, space = writer.place.spaceKey, text = ''] = /^(?:(~?\w+):)?(.*)$/s.exec(textOf(named).trim()) ?? []
  const url = [writer.place.web, 'display', encodeURIComponent(space), encodeURIComponent(text)].join('/')
  return { text, url: text === '' ? undefined : url }
}

function fileLink(element: Element, writer: Writer): string {
  const named = parameterElement(element, 'name', '')
  const file = named && elementsOf(named.children).find(({ name }) => name === 'ri:attachment')
  if (!file) return escaped(named ? textOf(named).trim() : '', writer)
  const { text, url } = resource(file, writer)
  return url ? link(escaped(text, writer), url) : escaped(text, writer)
}

function diagram(element: Element, writer: Writer): string {
  const body = plainBody(element)
  if (body !== '') return codeBlock(body, '', writer)
  const name = ['diagramDisplayName', 'diagramName', 'name', 'filename']
    .map((one) => parameter(element, one))
    .find(Boolean)
  return `\\[diagram: ${escaped(name ?? 'without a name', writer)}\\]`
}

function urlLink(element: Element, writer: Writer): string {
  const named = parameterElement(element, 'url', 'src')
  const inner = named && elementsOf(named.children).find(({ name }) => name === 'ri:url')
  const url = inner ? attributeOf(inner, 'ri:value') : named && textOf(named).trim()
  return url && /^https?:/.test(url) ? link(escaped(url, writer), url) : ''
}

function unknown(element: Element, name: string, rich: string, writer: Writer): string {
  if (rich !== '') return rich
  const plain = plainBody(element)
  if (plain.trim() !== '') return codeBlock(plain, '', writer)
  // An empty frame, such as a section without text, says nothing; a macro that makes its content does.
  return childOf(element, 'ac:rich-text-body') ? '' : `\\[macro: ${escaped(name, writer)}\\]`
}
