import { attr } from './xml.ts'

/** One element of a formula that is open; `kids` are those in it that are closed, as text. */
interface Frame {
  readonly name: string
  readonly kids: { readonly name: string; readonly text: string }[]
  readonly signs: Map<string, string>
  text: string
}

const settings = new Set(['chr', 'begChr', 'endChr', 'sepChr'])
const skipped = new Set(['ctrlPr', 'rPr', 'annotation', 'annotation-xml', 'mspace', 'mphantom', 'none', 'mprescripts'])

/**
 * Writes a formula on one line: `(-b ± √(b^2 - 4ac))/(2a)`. Hears Office's form (ECMA-376 part 1, 22.1) and MathML 3,
 * by names without their prefix; the two share none that mean different things.
 */
export class Formula {
  readonly #frames: Frame[] = [frame('')]

  /** True for what has no text; like an XML walk's. */
  open(name: string, attrs: string): boolean {
    if (skipped.has(name)) return true
    if (settings.has(name)) {
      // It stands in the properties of the element that it is about.
      this.#frames.at(-2)?.signs.set(name, attr(attrs, 'val') ?? '')
      return true
    }
    const opened = frame(name)
    if (name === 'mfenced') {
      for (const key of ['open', 'close']) {
        const sign = attr(attrs, key)
        if (sign !== undefined) opened.signs.set(key, sign)
      }
    }
    this.#frames.push(opened)
    return false
  }

  text(text: string): void {
    this.#frames.at(-1)!.text += text
  }

  close(name: string): void {
    if (this.#frames.length < 2 || this.#frames.at(-1)!.name !== name) return
    const closed = this.#frames.pop()!
    this.#frames.at(-1)!.kids.push({ name, text: write(closed) })
  }

  toString(): string {
    while (this.#frames.length > 1) this.close(this.#frames.at(-1)!.name)
    const { kids, text } = this.#frames[0]!
    return (text + row(kids))
      .replace(/[\u2061-\u2064\s]+/g, ' ')
      .replace(/ (?=[),;\]}])|(?<=[([{√]) /g, '')
      .trim()
  }
}

function frame(name: string): Frame {
  return { name, kids: [], signs: new Map(), text: '' }
}

const scripts = /^(sSup|sSub|sSubSup|sPre|msup|msub|msubsup|f|mfrac)$/

/** One after the other; `x_i y` must not become `x_iy`. */
function row(kids: Frame['kids']): string {
  let out = ''
  kids.forEach((kid, n) => {
    out += n > 0 && scripts.test(kids[n - 1]!.name) && /^[\p{L}\p{N}]/u.test(kid.text) ? ` ${kid.text}` : kid.text
  })
  return out
}

function write({ name, kids, signs, text }: Frame): string {
  const all = (): string => row(kids)
  const named = (wanted: string): string => kids.find((kid) => kid.name === wanted)?.text ?? ''
  const nth = (n: number): string => kids[n]?.text ?? ''
  switch (name) {
    case 't':
      return text
    case 'mi':
      return text.trim().length > 1 ? ` ${text.trim()} ` : text.trim()
    case 'mo':
      return operator(text.trim())
    case 'mn':
    case 'ms':
    case 'mtext':
      return text.trim() === '' ? '' : text
    case 'f':
      return over(named('num'), named('den'))
    case 'mfrac':
      return over(nth(0), nth(1))
    case 'sSup':
    case 'sSub':
    case 'sSubSup':
    case 'sPre':
      return script(named('e'), named('sub'), named('sup'))
    case 'msup':
      return script(nth(0), '', nth(1))
    case 'msub':
      return script(nth(0), nth(1), '')
    case 'msubsup':
    case 'munderover':
      return script(nth(0), nth(1), nth(2))
    case 'munder':
    case 'limLow':
      return script(name === 'munder' ? nth(0) : named('e'), name === 'munder' ? nth(1) : named('lim'), '')
    case 'mover':
    case 'limUpp':
      return script(name === 'mover' ? nth(0) : named('e'), '', name === 'mover' ? nth(1) : named('lim'))
    case 'rad':
      return root(named('e'), named('deg'))
    case 'msqrt':
      return root(all(), '')
    case 'mroot':
      return root(nth(0), nth(1))
    case 'nary':
      return `${script(signs.get('chr') ?? '∫', named('sub'), named('sup'))} ${named('e')}`
    case 'func':
      return `${named('fName')} ${named('e')}`
    case 'd': {
      const parts = kids.filter((kid) => kid.name === 'e').map((kid) => kid.text)
      return `${signs.get('begChr') ?? '('}${parts.join(signs.get('sepChr') ?? '|')}${signs.get('endChr') ?? ')'}`
    }
    case 'mfenced':
      return `${signs.get('open') ?? '('}${kids.map((kid) => kid.text).join(', ')}${signs.get('close') ?? ')'}`
    case 'acc':
      return `${group(named('e'))}${signs.get('chr') ?? '\u0302'}`
    case 'm':
    case 'mtable':
    case 'eqArr':
      return kids
        .map((kid) => kid.text)
        .filter((line) => line.trim() !== '')
        .join('; ')
    case 'mr':
    case 'mtr':
      // Cells that only align others are empty.
      return kids.flatMap((kid) => (kid.text.trim() === '' ? [] : [kid.text])).join(', ')
    default:
      return all()
  }
}

/** Signs between two terms get space around them, so that the terms are words of their own. */
function operator(sign: string): string {
  if (sign === ',' || sign === ';') return `${sign} `
  return /^([=<>+\-×÷·/±∓]|[\u2190-\u21ff\u2208-\u220d\u2212\u2213\u2223-\u2229\u223c-\u22ff])$/.test(sign)
    ? ` ${sign} `
    : sign
}

function over(top: string, bottom: string): string {
  return `${group(top)}/${group(bottom)}`
}

function script(base: string, sub: string, sup: string): string {
  const below = sub.trim() === '' ? '' : `_${group(sub)}`
  return `${base.length > 1 ? group(base) : base}${below}${sup.trim() === '' ? '' : `^${group(sup)}`}`
}

function root(inner: string, degree: string): string {
  return `${degree.trim() === '' ? '' : `${group(degree)}`}√${group(inner)}`
}

const single = /^([\p{L}\p{N}\p{M}.,′∞%]+|[^\p{L}\p{N}\s]|\([^()]*\)|[\p{L}\p{N}]+[_^][\p{L}\p{N}]+)$/u

function group(text: string): string {
  const inner = text.trim()
  return inner === '' || inner.length > 200 || !single.test(inner) ? `(${inner})` : inner
}
