// Takes credentials out of free text before it becomes an observation: log lines are quoted in facts, prompts and reports.

const credentials: readonly [RegExp, string][] = [
  // The password of a URL: scheme://user:password@host
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@]+@/gi, '$1***@'],
  [/\b(bearer|basic)\s+[\w+/=.~-]{8,}/gi, '$1 ***'],
  [/((?:password|passwd|pwd|secret|token|api[_-]?key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;}]+)/gi, '$1***']
]

export const redact = (text: string): string => credentials.reduce((clean, [pattern, by]) => clean.replace(pattern, by), text)
