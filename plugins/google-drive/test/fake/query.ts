import { type Item, me } from './model.ts'

type Test = (item: Item) => boolean
export class BadQuery extends Error {}
export class UnknownParent extends Error {}

/** The part of `q` that matters here. https://developers.google.com/workspace/drive/api/guides/ref-search-terms */
export function parseQuery(q: string, isFolder: (id: string) => boolean): Test {
  const tokens = q.match(/'(?:\\.|[^'\\])*'|!=|=|\(|\)|[\w.]+/g) ?? []
  let at = 0
  const literal = (token = '') => {
    if (!token.startsWith("'")) throw new BadQuery(token)
    return token.slice(1, -1).replace(/\\(.)/g, '$1')
  }
  const term = (): Test => {
    const token = tokens[at++]
    if (token === '(') {
      const inner = or()
      if (tokens[at++] !== ')') throw new BadQuery(q)
      return inner
    }
    if (token === 'not') {
      const inner = term()
      return (item) => !inner(item)
    }
    if (token?.startsWith("'")) {
      const id = literal(token)
      if (tokens[at++] !== 'in' || tokens[at++] !== 'parents') throw new BadQuery(q)
      if (!isFolder(id)) throw new UnknownParent(id)
      return (item) => item.parents.includes(id) || (id === 'root' && item.parents.includes('root-of-ann'))
    }
    const operator = tokens[at++]
    if (operator !== '=' && operator !== '!=') throw new BadQuery(q)
    const raw = tokens[at++]
    const same = (test: Test): Test => (operator === '=' ? test : (item) => !test(item))
    if (token === 'sharedWithMe')
      return same((item) => (item.owner !== me && item.driveId === undefined) === (raw === 'true'))
    if (token === 'trashed') return same((item) => item.trashed === (raw === 'true'))
    const value = literal(raw)
    if (token === 'mimeType') return same((item) => item.mimeType === value)
    if (token === 'name') return same((item) => item.name === value)
    throw new BadQuery(q)
  }
  const and = (): Test => {
    let left = term()
    while (tokens[at] === 'and') {
      at++
      const [first, second] = [left, term()]
      left = (item) => first(item) && second(item)
    }
    return left
  }
  const or = (): Test => {
    let left = and()
    while (tokens[at] === 'or') {
      at++
      const [first, second] = [left, and()]
      left = (item) => first(item) || second(item)
    }
    return left
  }
  const test = or()
  if (at !== tokens.length) throw new BadQuery(q)
  return test
}
