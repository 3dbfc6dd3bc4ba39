import { ConnectorError } from '@cx/core'

type Token = { readonly kind: 'word' | 'string' | 'value' | 'sign'; readonly text: string; readonly at: number }

const pattern =
  /\s+|(?<string>'(?:[^'\\]|\\.)*')|(?<value>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d))?|[+-]?\d+(?:\.\d+)?)|(?<word>[A-Za-z][\w.]*(?::\d+)?)|(?<sign>!=|<>|<=|>=|[=<>(),])/y

const comparison = new Set(['=', '!=', '<>', '<', '<=', '>', '>='])
const functions =
  /^(?:CALENDAR|FISCAL)_(?:MONTH|QUARTER|YEAR)$|^DAY_(?:IN_MONTH|IN_WEEK|IN_YEAR|ONLY)$|^HOUR_IN_DAY$|^WEEK_IN_(?:MONTH|YEAR)$|^convertTimezone$/i
const literal =
  /^(?:true|false|null|YESTERDAY|TODAY|TOMORROW|(?:LAST|THIS|NEXT)_(?:WEEK|MONTH|QUARTER|YEAR|90_DAYS|FISCAL_QUARTER|FISCAL_YEAR)|(?:LAST|NEXT)_N_(?:DAYS|WEEKS|MONTHS|QUARTERS|YEARS|FISCAL_QUARTERS|FISCAL_YEARS):\d+|N_(?:DAYS|WEEKS|MONTHS|QUARTERS|YEARS)_AGO:\d+|[A-Z]{3}\d+(?:\.\d+)?)$/i

/**
 * Reads a condition as it stands behind WHERE, and gives the fields it names. Only conditions on fields pass: no
 * subquery, no further clause, no bind variable, so a filter can narrow what is synced and do nothing else.
 *
 * @throws ConnectorError `misconfigured`, naming the place
 */
export function fieldsOfFilter(filter: string): readonly string[] {
  return new Filter(filter).fields()
}

class Filter {
  readonly #text: string
  readonly #tokens: readonly Token[]
  readonly #fields = new Set<string>()
  #next = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = this.#split()
  }

  fields(): readonly string[] {
    this.#condition(0)
    if (this.#peek()) throw this.#wrong('the end of the condition')
    return [...this.#fields]
  }

  #split(): Token[] {
    const tokens: Token[] = []
    pattern.lastIndex = 0
    while (pattern.lastIndex < this.#text.length) {
      const at = pattern.lastIndex
      const found = pattern.exec(this.#text)
      if (!found) throw this.#error(`There is something unexpected at ${excerpt(this.#text, at)}`)
      for (const kind of ['string', 'value', 'word', 'sign'] as const) {
        const text = found.groups?.[kind]
        if (text !== undefined) tokens.push({ kind, text, at })
      }
    }
    return tokens
  }

  #condition(depth: number): void {
    if (depth > 30) throw this.#error('It is nested too deeply.')
    this.#term(depth)
    while (this.#word('AND') || this.#word('OR')) this.#term(depth)
  }

  #term(depth: number): void {
    if (this.#word('NOT')) this.#term(depth + 1)
    else if (this.#sign('(')) {
      this.#condition(depth + 1)
      if (!this.#sign(')')) throw this.#wrong('a closing parenthesis')
    } else {
      this.#field()
      this.#operand()
    }
  }

  #operand(): void {
    const operator = this.#peek()
    if (operator?.kind === 'sign' && comparison.has(operator.text)) {
      this.#next++
      this.#value()
    } else if (this.#word('LIKE')) this.#value()
    else if (this.#word('IN') || this.#word('INCLUDES') || this.#word('EXCLUDES')) this.#list()
    else if (this.#notIn()) this.#list()
    else throw this.#wrong('an operator, such as =, !=, LIKE or IN')
  }

  #notIn(): boolean {
    return this.#word('NOT') && this.#word('IN')
  }

  #field(): void {
    const token = this.#peek()
    if (token?.kind !== 'word' || token.text.includes(':')) throw this.#wrong('a field')
    this.#next++
    if (!this.#sign('(')) {
      this.#fields.add(token.text)
      return
    }
    if (!functions.test(token.text)) throw this.#error(`The function ${token.text} is not allowed here.`)
    this.#field()
    if (!this.#sign(')')) throw this.#wrong('a closing parenthesis')
  }

  #value(): void {
    const token = this.#peek()
    const good =
      token &&
      (token.kind === 'string' || token.kind === 'value' || (token.kind === 'word' && literal.test(token.text)))
    if (!good) throw this.#wrong('a value: text in single quotes, a number, a date, true, false or null')
    this.#next++
  }

  #list(): void {
    if (!this.#sign('(')) throw this.#wrong('a list in parentheses')
    do this.#value()
    while (this.#sign(','))
    if (!this.#sign(')')) throw this.#wrong('a comma or a closing parenthesis')
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next]
  }

  #take(fits: boolean): boolean {
    if (fits) this.#next++
    return fits
  }

  #word(word: string): boolean {
    const token = this.#peek()
    return this.#take(token?.kind === 'word' && token.text.toUpperCase() === word)
  }

  #sign(sign: string): boolean {
    const token = this.#peek()
    return this.#take(token?.kind === 'sign' && token.text === sign)
  }

  #wrong(expected: string): ConnectorError {
    const token = this.#peek()
    return this.#error(`Expected ${expected}, found ${token ? excerpt(this.#text, token.at) : 'the end'}.`)
  }

  #error(reason: string): ConnectorError {
    return new ConnectorError(
      'misconfigured',
      `The filter ${JSON.stringify(this.#text.slice(0, 200))} is no condition. ${reason}`,
      {
        remediation:
          "Write what stands behind WHERE in SOQL, such as Industry = 'Energy' AND CreatedDate = LAST_N_DAYS:90.",
      },
    )
  }
}

function excerpt(text: string, at: number): string {
  return JSON.stringify(text.slice(at, at + 20))
}
