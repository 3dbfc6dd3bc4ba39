import type { RtfParagraphs } from './rtf-paragraphs.ts'

const maxEdges = 200

/** Hears the words that shape paragraphs, cells and rows; false for all others. */
export function rtfParagraphWords(paragraphs: RtfParagraphs): (word: string, parameter: number | undefined) => boolean {
  /** Where the cells of the row begin and end. */
  let edges: number[] = []
  return (word, parameter) => {
    switch (word) {
      case 'par':
      case 'sect':
        paragraphs.end()
        break
      case 'page':
        paragraphs.endPage()
        break
      case 'cell':
      case 'nestcell':
        paragraphs.endCell(word === 'nestcell')
        break
      case 'row':
      case 'nestrow':
        paragraphs.endRow(word === 'nestrow', edges)
        break
      case 'trowd':
        edges = [0]
        break
      case 'trleft':
        edges[0] = parameter ?? 0
        break
      case 'cellx':
        if (edges.length < maxEdges) edges.push(parameter ?? 0)
        break
      case 'pard':
        paragraphs.reset()
        break
      case 'intbl':
        paragraphs.now.inTable = true
        break
      case 'itap':
        paragraphs.now.depth = parameter
        break
      case 's':
        paragraphs.set({ style: parameter })
        break
      case 'outlinelevel':
        paragraphs.set({ outline: parameter !== undefined && parameter < 9 ? parameter + 1 : undefined })
        break
      case 'ls':
        paragraphs.set({ list: parameter })
        break
      case 'ilvl':
        paragraphs.set({ level: Math.min(8, Math.max(0, parameter ?? 0)) })
        break
      case 'fi':
        paragraphs.set({ hanging: (parameter ?? 0) < 0 })
        break
      default:
        return false
    }
    return true
  }
}
