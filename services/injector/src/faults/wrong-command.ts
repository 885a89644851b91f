import { drift, required } from './drift.ts'
import { services } from './fault.ts'

const endings = ['.bak', '.old', '.orig', '.new']

export const wrongCommand = drift(
  { description: 'the command of the container names a program that is not there', runtimes: ['docker'], targets: services },
  (config, { pick }) => {
    const [program, ...args] = (config.command as string[] | null) ?? []
    return { ...config, command: [required(program, 'command') + endings[pick(endings.length)], ...args] }
  }
)
