// What the compiler wrote is what was meant. TypeScript 7.0 takes a property that is called like its class for the class
// itself, where the class has private members: `class Bucket { #a() { return { Bucket: 1 } } }` becomes `{ _a: 1 }`.
// Nothing else here makes it write such a name, so that the name gives it away.
import { globSync, readFileSync } from 'node:fs'

const found = globSync('{packages,plugins,apps}/*/dist/**/*.js').flatMap((file) => {
  const [, name] = /^_[a-z] = (\w+);$/m.exec(readFileSync(file, 'utf8')) ?? []
  return name === undefined ? [] : [`${file}: a property is called like class ${name}. Give the class another name.`]
})
if (found.length > 0) console.error(found.join('\n'))
process.exit(found.length > 0 ? 1 : 0)
