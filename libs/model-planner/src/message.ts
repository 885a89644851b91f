/** As every chat interface has it. */
export interface Message {
  role: 'system' | 'user' | 'assistant'
  content: string
}
