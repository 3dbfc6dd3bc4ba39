import { expect, test } from 'vitest'
import { cleanMarkdown } from './markdown.ts'

test.each([
  [
    'callouts',
    '<callout icon="💡" color="blue">\n\tMind **this**.\n\tAnd that.\n</callout>',
    '> [!NOTE] 💡\n> Mind **this**.\n> And that.',
  ],
  [
    'toggles',
    '<details color="gray">\n<summary>More</summary>\n\tinside\n</details>\nafter',
    '**More**\n\ninside\nafter',
  ],
  [
    'columns',
    '<columns>\n\t<column>\n\t\tleft\n\t</column>\n\t<column>\n\t\tright\n\t</column>\n</columns>',
    'left\nright',
  ],
  ['colours', '# Title {color="red"}', '# Title'],
  ['toggle headings', '## More {toggle="true" color="red"}', '## More'],
  ['pages', '<page url="https://www.notion.so/abc">Child</page>', '[Child](https://www.notion.so/abc)'],
  ['users', 'ask <mention-user url="user://1">Ann</mention-user>', 'ask @Ann'],
  ['dates', 'by <mention-date start="2026-01-01" end="2026-01-03"/>', 'by 2026-01-01 → 2026-01-03'],
  ['spans', 'a <span color="red">red</span> word', 'a red word'],
  [
    'signed files',
    '![x](https://prod-files-secure.s3.us-west-2.amazonaws.com/a/b.png?X-Amz-Signature=123)',
    '![x](https://prod-files-secure.s3.us-west-2.amazonaws.com/a/b.png)',
  ],
  ['inline code', 'use `<page url="x">` or ``{color="red"}``', 'use `<page url="x">` or ``{color="red"}``'],
  ['nested lists', '1. a\n\t- b\n\t\t- c', '1. a\n    - b\n        - c'],
  ['a callout on one line', '<callout icon="x">text</callout>', '> [!NOTE] x\n> text'],
  ['escaped tags', 'a \\<span color="red"\\>b\\</span\\> c', 'a \\<span color="red"\\>b\\</span\\> c'],
  ['fences', '```html\n<columns> {color="red"}\n```', '```html\n<columns> {color="red"}\n```'],
  ['unsupported blocks', '<unknown url="https://www.notion.so/a#b" alt="bookmark"/>', '(bookmark)'],
])('%s', (_, given, expected) => {
  expect(cleanMarkdown(given)).toBe(expected)
})
