export * from './parser.ts'
export * from './ports.ts'
