// One runbook: Markdown with front matter.
import { TriageError } from '@triage/contracts'
import { parse } from 'yaml'

/** What stands under one heading. */
export interface Section {
  /** Empty for what stands before the first heading. */
  heading: string
  text: string
}

/** Its text was written by people and is data: it never gives an instruction to a program. */
export interface Runbook {
  /** Name of its file without `.md`. */
  id: string
  title: string
  /** Names or kinds of services that it is about; empty: any. */
  services: readonly string[]
  /** Causes as the rulebook calls them. */
  causes: readonly string[]
  /** What people see and say. */
  symptoms: readonly string[]
  sections: readonly Section[]
}

/** Longest file, in characters. */
const longest = 64 * 1024
const name = /^[a-z0-9][a-z0-9_-]{0,62}$/

const bad = (file: string, message: string, cause?: unknown): TriageError => new TriageError('E_RUNBOOK', `${file}: ${message}`, { cause })

/** The lists of the front matter, and what each entry must be. */
const lists = { services: name, causes: name, symptoms: /^[^\n]{1,200}$/ } as const

type FrontMatter = Pick<Runbook, 'title' | keyof typeof lists>

function frontMatter(file: string, yaml: string): FrontMatter {
  let content: unknown
  try {
    content = parse(yaml)
  } catch (error) {
    throw bad(file, `the front matter is not YAML: ${(error as Error).message}`, error)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw bad(file, 'the front matter has no fields')
  const fields = content as Record<string, unknown>
  const unknown = Object.keys(fields).find((field) => field !== 'title' && !Object.hasOwn(lists, field))
  if (unknown !== undefined) throw bad(file, `there is no field ${unknown}; there are title, ${Object.keys(lists).join(', ')}`)
  const { title } = fields
  if (typeof title !== 'string' || !/^[^\n]{1,120}$/.test(title)) throw bad(file, 'title: a line of 1 to 120 characters is needed')
  const list = (field: keyof typeof lists): string[] => {
    const items = fields[field] ?? []
    if (!Array.isArray(items) || items.length > 50) throw bad(file, `${field}: a list of at most 50 is needed`)
    const wrong = items.find((item) => typeof item !== 'string' || !lists[field].test(item))
    if (wrong !== undefined) throw bad(file, `${field}: ${JSON.stringify(wrong)} does not match ${lists[field].source}`)
    return items
  }
  return { title, services: list('services'), causes: list('causes'), symptoms: list('symptoms') }
}

/** Splits at headings; a `#` in a code block is none. */
function sectionsOf(markdown: string): Section[] {
  const sections: { heading: string; lines: string[] }[] = [{ heading: '', lines: [] }]
  let fence: string | null = null
  for (const line of markdown.split('\n')) {
    const [, marks] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? []
    if (marks) fence = fence === null ? marks[0]! : fence === marks[0] ? null : fence
    const heading = fence === null && /^#{1,6} +(.+?)(?: +#+)? *$/.exec(line)?.[1]
    if (heading) sections.push({ heading, lines: [] })
    else sections.at(-1)!.lines.push(line)
  }
  return sections.map(({ heading, lines }) => ({ heading, text: lines.join('\n').trim() })).filter(({ text }) => text !== '')
}

/** @throws TriageError E_RUNBOOK that names the file and what is wrong in it */
export function parseRunbook(file: string, text: string): Runbook {
  const id = file.replace(/\.md$/, '')
  if (!name.test(id)) throw bad(file, 'a file is called by lower-case words joined by -, and ends in .md')
  if (text.length > longest) throw bad(file, `longer than ${longest / 1024} KiB`)
  const [, yaml, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')) ?? []
  if (yaml === undefined) throw bad(file, 'it does not begin with front matter between two lines of ---')
  const sections = sectionsOf(body!)
  if (sections.length === 0) throw bad(file, 'it says nothing below its front matter')
  return { id, ...frontMatter(file, yaml), sections }
}
