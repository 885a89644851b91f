// Masks the parts of a message that differ from line to line, before templates are mined.

/** In this order: what an earlier mask took is not seen by a later one. */
const masks: readonly [RegExp, string][] = [
  [/"(?:[^"\\]|\\.)*"|(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)/g, '<str>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\[[0-9a-f:]*:[0-9a-f:]*\](?::\d+)?/gi, '<addr>'],
  // A cache key: words joined by colons, at least three of them, or two of which the last holds a digit.
  [/\b[a-z][\w-]*(?::[\w.-]+){2,}|\b[a-z][\w-]*:[\w.-]*\d[\w.-]*/gi, '<key>'],
  [/\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  // A number, also one with a unit.
  [/(?<![\w<])[+-]?\d+(?:\.\d+)?(?=(?:ns|us|ms|s|m|h|%|[kKMG]i?B?|B)?(?!\w))/g, '<num>']
]

export const mask = (text: string): string => masks.reduce((masked, [pattern, name]) => masked.replace(pattern, name), text)
