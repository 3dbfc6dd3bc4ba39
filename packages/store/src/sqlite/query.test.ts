import { expect, test } from 'vitest'
import { ftsQuery, parseQuery } from './query.ts'

function read(query: string): string {
  const { wanted, excluded } = parseQuery(query)
  return wanted.length === 0 ? '' : ftsQuery(wanted, excluded, 'AND')
}

test.each([
  ['async AND await', '"async" AND "await"'],
  ['async OR pandas', '("async" OR "pandas")'],
  ['docker memory OR "disk space" OR stor*', '"docker" AND ("memory" OR "disk space" OR "stor" *)'],
  ['(memory OR storage) docker', '("(memory" OR "storage)") AND "docker"'],
  ['docker NOT compose', '("docker") NOT ("compose")'],
  ['docker AND NOT "compose file" -swarm', '("docker") NOT ("compose file" OR "swarm")'],
  ['docker OR -swarm', '("docker") NOT ("swarm")'],
  ['OR docker OR', '"docker"'],
  ['NOT docker', '"docker"'],
  ['TRUTH OR DARE', '"TRUTH" AND "OR" AND "DARE"'],
  ['DO NOT DISTURB', '"DO" AND "NOT" AND "DISTURB"'],
  ['and or not', '"and" AND "or" AND "not"'],
  ['日本 OR 中国', '("\u200b日\u200b\u200b本\u200b" OR "\u200b中\u200b\u200b国\u200b")'],
])('operators: %s', (query, expected) => expect(read(query)).toBe(expected))

test.each([
  ['what is a stream?', '"stream?"'],
  ['How do I handle errors', '"handle" AND "errors"'],
  ['a stream of what?', '"stream"'],
  ['is IT policy of the US the same?', '"IT" AND "policy" AND "US" AND "same?"'],
  ['what is it', '"what" AND "is" AND "it"'],
  ['what "the who" did', '"the who"'],
  ['who*', '"who" *'],
])('words that a question is made of are left out: %s', (query, expected) => expect(read(query)).toBe(expected))

test.each([
  ['the waste land', '"the" AND "waste" AND "land"'],
  ['to be or not to be', '"to" AND "be" AND "or" AND "not" AND "to" AND "be"'],
  ['IT policy', '"IT" AND "policy"'],
])('and where nothing is asked, they are not: %s', (query, expected) => expect(read(query)).toBe(expected))

test('of a very long phrase its beginning is looked for', () => {
  expect(read(`"${'word '.repeat(1_000)}"`)).toBe(`"${'word '.repeat(40).trim()}"`)
  expect(read(`"x${'😀'.repeat(1_000)}"`).isWellFormed()).toBe(true)
})
