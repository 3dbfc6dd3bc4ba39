#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Much of a start is compiling modules: what was compiled once is kept in the system's temporary folder.
enableCompileCache()
await import('./cli/main.ts')
