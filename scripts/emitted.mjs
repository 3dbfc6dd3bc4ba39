// What the compiler wrote is what was meant. Where a class with private members names itself, TypeScript writes `_a` for it;
// TypeScript 7.0 does so for a property of that name as well: `class Bucket { #a() { return { Bucket: 1 } } }` becomes
// `{ _a: 1 }`.
import { globSync, readFileSync } from 'node:fs'

const found = globSync('{packages,plugins,apps}/*/dist/**/*.js').flatMap((file) => {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^(_[a-z]) = (\w+);$/gm)]
    .filter(([, alias]) => new RegExp(`(?:[{,]\\s*|^\\s*)${alias}\\s*[:(]|\\.${alias}\\b`, 'm').test(text))
    .map(([, , name]) => `${file}: a property is called like class ${name}. Give the class another name.`)
})
if (found.length > 0) console.error(found.join('\n'))
process.exit(found.length > 0 ? 1 : 0)
