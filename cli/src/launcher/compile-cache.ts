import { join } from 'node:path'

/**
 * Where Node keeps what it compiled: the second start of a program takes a third of the time. One folder for all that this
 * launcher starts; it is part of the installed packages and goes with them.
 */
export const compileCache = process.env.NODE_COMPILE_CACHE || join(import.meta.dirname, '../../../node_modules/.cache/compile')
process.env.NODE_COMPILE_CACHE = compileCache
