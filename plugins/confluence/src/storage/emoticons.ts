import { attributeOf, type Element } from './dom.ts'

/** The names of before emoji; newer texts bring their character along. */
const characters: Readonly<Record<string, string>> = {
  smile: '🙂',
  sad: '🙁',
  cheeky: '😛',
  laugh: '😀',
  wink: '😉',
  'thumbs-up': '👍',
  'thumbs-down': '👎',
  information: 'ℹ️',
  tick: '✅',
  cross: '❌',
  warning: '⚠️',
  plus: '➕',
  minus: '➖',
  question: '❓',
  'light-on': '💡',
  'light-off': '💡',
  'yellow-star': '⭐',
  'red-star': '⭐',
  'green-star': '⭐',
  'blue-star': '⭐',
  heart: '❤️',
  'broken-heart': '💔',
}

export function emoticon(element: Element): string {
  const fallback = attributeOf(element, 'ac:emoji-fallback')
  const name = attributeOf(element, 'ac:name') ?? ''
  return fallback || characters[name] || attributeOf(element, 'ac:emoji-shortname') || `:${name}:`
}
