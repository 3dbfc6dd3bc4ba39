const table = `
bash sh bash zsh ksh bats
fish fish
bat bat cmd
powershell ps1 psm1 psd1
c c h
cpp cc cpp cxx c++ hpp hh hxx h++ ino ipp tpp
csharp cs csx
fsharp fs fsi fsx
vb vb vbs bas
java java
kotlin kt kts
scala scala sc sbt
groovy groovy gradle
clojure clj cljs cljc edn
javascript js mjs cjs jsx
typescript ts mts cts tsx
vue vue
svelte svelte
astro astro
css css
scss scss
sass sass
less less
stylus styl
python py pyi pyw pyx
ruby rb rake gemspec ru erb
perl pl pm t
php php phtml php5
lua lua
r r
julia jl
matlab m
octave octave
objectivec mm
swift swift
dart dart
go go
rust rs
zig zig
nim nim nims
crystal cr
d d
v v
odin odin
haskell hs lhs
ocaml ml mli
elm elm
purescript purs
erlang erl hrl
elixir ex exs
lisp lisp lsp cl el
scheme scm ss
racket rkt
prolog pro
coq coq
lean lean
agda agda
idris idr
fortran f f77 f90 f95 f03 for
cobol cob cbl cpy
pascal pas pp dpr lpr
ada adb ads
assembly asm s nasm
wat wat wast
llvm ll
cuda cu cuh
glsl glsl vert frag comp geom
hlsl hlsl fx
wgsl wgsl
metal metal
verilog verilog sv svh vh
vhdl vhd vhdl
tcl tcl
awk awk
sed sed
makefile mk mak
cmake cmake
dockerfile dockerfile
nginx nginx
terraform tf tfvars hcl
nix nix
bicep bicep
puppet pp
protobuf proto
thrift thrift
graphql graphql gql
prisma prisma
sql sql psql mysql plsql ddl
cypher cypher
sparql rq sparql
solidity sol
vyper vy
move move
cairo cairo
abap abap
apex cls trigger
haxe hx
gdscript gd
actionscript as
coffeescript coffee
reason re rei
rescript res resi
vim vim
emacs-lisp elc
applescript applescript
autohotkey ahk
latex tex sty ltx
bibtex bib
typst typ
asciidoc adoc asciidoc
org org
mediawiki mediawiki wiki
textile textile
handlebars hbs handlebars mustache
jinja j2 jinja jinja2
liquid liquid
pug pug jade
haml haml
twig twig
ini ini cfg conf cnf properties env editorconfig desktop service reg inf
diff diff patch
dot dot gv
mermaid mmd
plantuml puml plantuml
gherkin feature
robot robot
po po pot
srt srt vtt
http http rest-client
jsonnet jsonnet libsonnet
cue cue
dhall dhall
rego rego
starlark bzl bazel star
meson meson
qml qml
smalltalk st
forth forth 4th
raku raku rakumod p6
gcode gcode nc
kusto kql csl
`

const names = new Map([
  ['dockerfile', 'dockerfile'],
  ['containerfile', 'dockerfile'],
  ['makefile', 'makefile'],
  ['gnumakefile', 'makefile'],
  ['cmakelists.txt', 'cmake'],
  ['rakefile', 'ruby'],
  ['gemfile', 'ruby'],
  ['vagrantfile', 'ruby'],
  ['podfile', 'ruby'],
  ['jenkinsfile', 'groovy'],
  ['build', 'starlark'],
  ['workspace', 'starlark'],
  ['procfile', 'ini'],
  ['.gitignore', 'ini'],
  ['.dockerignore', 'ini'],
  ['.bashrc', 'bash'],
  ['.profile', 'bash'],
  ['.zshrc', 'bash'],
  ['.vimrc', 'vim'],
  ['.env', 'ini'],
])

/** Extension (lower case, no dot) to the name Markdown fences use. */
export const languages: ReadonlyMap<string, string> = new Map(
  table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [language, ...extensions] = line.split(' ')
      return extensions.map((extension): [string, string] => [extension, language!])
    }),
)

/** Language of a source file by its name, whole names (`Makefile`) before extensions. */
export function languageOf(filename: string): string | undefined {
  const base = filename.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1).toLowerCase()
  const dot = base.lastIndexOf('.')
  return names.get(base) ?? (dot === -1 ? undefined : languages.get(base.slice(dot + 1)))
}
