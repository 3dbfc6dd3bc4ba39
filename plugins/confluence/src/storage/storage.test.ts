import { expect, it } from 'vitest'
import { mentionsIn, parseStorage, renderStorage } from './index.ts'

const place = {
  web: 'https://acme.atlassian.net/wiki',
  spaceKey: 'ENG',
  pageId: '42',
  nameOf: (id: string) => (id === '557058:ada' ? 'Ada Lovelace' : undefined),
}

const md = (xml: string) => renderStorage(parseStorage(xml), place)

const macro = (name: string, inside = '') =>
  `<ac:structured-macro ac:name="${name}" ac:schema-version="1">${inside}</ac:structured-macro>`
const parameter = (name: string, value: string) => `<ac:parameter ac:name="${name}">${value}</ac:parameter>`
const rich = (xml: string) => `<ac:rich-text-body>${xml}</ac:rich-text-body>`
const plain = (text: string) => `<ac:plain-text-body><![CDATA[${text}]]></ac:plain-text-body>`

it.each<[what: string, xml: string, markdown: string]>([
  [
    'headings and marks',
    '<h2>One</h2><p>a <strong>b </strong>c <em>d</em> <code>e_f</code></p>',
    '## One\n\na **b** c *d* `e_f`',
  ],
  ['entities of HTML', '<p>caf&eacute;&nbsp;&mdash; 1 &lt; 2 &amp;amp;</p>', 'café — 1 \\< 2 &amp;'],
  ['line breaks', '<p>a<br/>b</p>', 'a  \nb'],
  ['text that looks like Markdown', '<p># not * a_b</p>', '\\# not \\* a\\_b'],
  ['nested lists', '<ul><li><p>a</p><ol><li>b</li><li>c</li></ol></li><li>d</li></ul>', '- a\n  1. b\n  2. c\n- d'],
  ['a list right under a list', '<ul><li>a</li><ul><li>b</li></ul></ul>', '- a\n  - b'],
  ['an ordered list that begins later', '<ol start="3"><li>c</li><li>d</li></ol>', '3. c\n4. d'],
  ['quotes and rules', '<blockquote><p>a</p><p>b</p></blockquote><hr/>', '> a\n>\n> b\n\n---'],
  ['a link with a text', '<p><a href="https://e.org/a(b)">site</a></p>', '[site](https://e.org/a%28b%29)'],
  ['a link within the site', '<p><a href="/wiki/x/AbC">tiny</a></p>', '[tiny](https://acme.atlassian.net/wiki/x/AbC)'],
  ['preformatted text', '<pre>a\n  b</pre>', '```\na\n  b\n```'],
  [
    'code, with CDATA and its language',
    macro('code', parameter('language', 'ts') + parameter('title', 'x.ts') + plain('if (a < b && c) {\n  x()\n}')),
    '**x.ts**\n\n```ts\nif (a < b && c) {\n  x()\n}\n```',
  ],
  ['code that holds a fence', macro('code', plain('```\nx\n```')), '````\n```\nx\n```\n````'],
  [
    'code whose CDATA is split',
    macro('code', '<ac:plain-text-body><![CDATA[a]]]]><![CDATA[>b]]></ac:plain-text-body>'),
    '```\na]]>b\n```',
  ],
  ['code inside a paragraph', `<p>see${macro('code', plain('x'))}</p>`, 'see\n\n```\nx\n```'],
  ['noformat', macro('noformat', plain(' as is ')), '```\n as is \n```'],
  [
    'a panel with a title',
    macro('info', parameter('title', 'Mind') + rich('<p>the gap</p><p>twice</p>')),
    '> [!NOTE] Mind\n> the gap\n>\n> twice',
  ],
  [
    'note, warning and tip',
    ['note', 'warning', 'tip'].map((name) => macro(name, rich('<p>x</p>'))).join(''),
    '> [!WARNING]\n> x\n\n> [!CAUTION]\n> x\n\n> [!TIP]\n> x',
  ],
  [
    'macros in macros',
    macro('panel', rich(macro('expand', parameter('title', 'More') + rich(macro('code', plain('deep')))))),
    '> [!NOTE]\n> **More**\n>\n> ```\n> deep\n> ```',
  ],
  ['what only lists', `<p>a</p>${macro('toc')}${macro('children')}${macro('recently-updated')}`, 'a'],
  ['an excerpt', macro('excerpt', rich('<p>short</p>')), 'short'],
  [
    'a profile',
    `<p>${macro('profile', parameter('user', '<ri:user ri:account-id="557058:ada"/>'))} asks</p>`,
    '@Ada Lovelace asks',
  ],
  [
    'a status',
    `<p>${macro('status', parameter('title', 'DONE') + parameter('colour', 'Green'))} ok</p>`,
    '\\[DONE\\] ok',
  ],
  [
    'a Jira issue',
    `<p>fixes ${macro('jira', parameter('server', 'J') + parameter('key', 'ABC-12'))}</p>`,
    'fixes ABC-12',
  ],
  [
    'an included page',
    macro('include', parameter('', '<ac:link><ri:page ri:content-title="How to" ri:space-key="HR"/></ac:link>')),
    'Included: [How to](https://acme.atlassian.net/wiki/display/HR/How%20to)',
  ],
  [
    'an included page of older texts',
    macro('excerpt-include', parameter('', 'HR:How to')),
    'Included: [How to](https://acme.atlassian.net/wiki/display/HR/How%20to)',
  ],
  ['a diagram', macro('drawio', parameter('diagramName', 'net')), '\\[diagram: net\\]'],
  ['a macro nobody knows', macro('acme-chart', parameter('id', '9')), '\\[macro: acme-chart\\]'],
  ['a macro nobody knows, with a text', macro('acme-box', rich('<p>kept</p>')), 'kept'],
  [
    'a file',
    macro('view-file', parameter('name', '<ri:attachment ri:filename="a b.pdf"/>')),
    '[a b.pdf](https://acme.atlassian.net/wiki/download/attachments/42/a%20b.pdf)',
  ],
  [
    'tasks',
    '<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>sow</ac:task-body></ac:task><ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body>reap <time datetime="2026-08-01"/></ac:task-body></ac:task></ac:task-list>',
    '- [x] sow\n- [ ] reap 2026-08-01',
  ],
  [
    'layouts',
    '<ac:layout><ac:layout-section ac:type="two_equal"><ac:layout-cell><p>l</p></ac:layout-cell><ac:layout-cell><p>r</p></ac:layout-cell></ac:layout-section></ac:layout>',
    'l\n\nr',
  ],
  ['sections', macro('section', rich(macro('column', rich('<p>l</p>')) + macro('column', rich('<p>r</p>')))), 'l\n\nr'],
  ['a mention', '<p>ask <ac:link><ri:user ri:account-id="557058:ada"/></ac:link></p>', 'ask @Ada Lovelace'],
  ['a mention of someone gone', '<p><ac:link><ri:user ri:account-id="557058:bob"/></ac:link></p>', '@unknown user'],
  [
    'a link to a page',
    '<p><ac:link ac:anchor="Top"><ri:page ri:content-title="A/B?"/><ac:plain-text-link-body><![CDATA[see & <here>]]></ac:plain-text-link-body></ac:link></p>',
    '[see & \\<here\\>](https://acme.atlassian.net/wiki/display/ENG/A%2FB%3F#Top)',
  ],
  [
    'a link with marks',
    '<p><ac:link><ri:page ri:content-title="P"/><ac:link-body><strong>x</strong></ac:link-body></ac:link></p>',
    '[**x**](https://acme.atlassian.net/wiki/display/ENG/P)',
  ],
  [
    'a link to a place on the page',
    '<p><ac:link ac:anchor="x"><ac:plain-text-link-body><![CDATA[down]]></ac:plain-text-link-body></ac:link></p>',
    'down',
  ],
  [
    'images',
    '<ac:image ac:alt="plan"><ri:attachment ri:filename="p.png"/></ac:image><p><ac:image><ri:url ri:value="https://e.org/i.png"/></ac:image></p>',
    '![plan](https://acme.atlassian.net/wiki/download/attachments/42/p.png)\n\n![https://e.org/i.png](https://e.org/i.png)',
  ],
  [
    'emoticons',
    '<p><ac:emoticon ac:name="tick"/> <ac:emoticon ac:name="blue-star" ac:emoji-fallback="🚀"/></p>',
    '✅ 🚀',
  ],
  ['placeholders', '<p>a<ac:placeholder>type here</ac:placeholder></p>', 'a'],
  ['marks of inline comments', '<p>a <ac:inline-comment-marker ac:ref="x">b</ac:inline-comment-marker> c</p>', 'a b c'],
  [
    'panels of the new editor',
    '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-content><p>new</p></ac:adf-content></ac:adf-node><ac:adf-fallback><div class="panel"><p>new</p></div></ac:adf-fallback></ac:adf-extension>',
    'new',
  ],
  [
    'a table with a head',
    '<table><colgroup><col/></colgroup><tbody><tr><th>a</th><th>b</th></tr><tr><td>1|2</td><td><p>x</p><p>y</p></td></tr></tbody></table>',
    '| a | b |\n| --- | --- |\n| 1\\|2 | x<br>y |',
  ],
  [
    'a table without a head',
    '<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>',
    '|  |  |\n| --- | --- |\n| 1 | 2 |',
  ],
  [
    'spans',
    '<table><tbody><tr><th>a</th><th>b</th><th>c</th></tr><tr><td rowspan="2">r</td><td colspan="2">w</td></tr><tr><td>1</td><td>2</td></tr></tbody></table>',
    '| a | b | c |\n| --- | --- | --- |\n| r | w |  |\n| r | 1 | 2 |',
  ],
  [
    'blocks in a cell',
    `<table><tbody><tr><th>a</th></tr><tr><td><ul><li>x</li><li>y</li></ul>${macro('code', plain('p | q\nr'))}</td></tr></tbody></table>`,
    '| a |\n| --- |\n| - x<br>- y<br>`p \\| q`<br>`r` |',
  ],
  [
    'a table in a cell',
    '<table><tbody><tr><th>a</th></tr><tr><td><table><tbody><tr><td>1</td><td>2</td></tr></tbody></table></td></tr></tbody></table>',
    '| a |\n| --- |\n| 1 · 2 |',
  ],
  ['nothing', '', ''],
  ['broken markup', '<p>a<strong>b</p><p>c', 'a**b**\n\nc'],
])('renders %s', (_, xml, markdown) => {
  expect(md(xml)).toBe(markdown)
})

it('finds whom a text mentions, and not in code', () => {
  const xml = `<p><ri:user ri:account-id="a"/><ac:link><ri:user ri:userkey="b"/></ac:link></p>${macro('code', plain('<ri:user ri:account-id="c"/>'))}`
  expect(mentionsIn(parseStorage(xml))).toEqual(['a', 'b'])
})
