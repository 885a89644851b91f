import type { Asked } from './script.ts'

export interface Usage {
  input_tokens: number
  output_tokens: number
}

/** How one protocol writes what it has to say. */
export interface Words {
  contentType: string
  /** What a request asks for. */
  read(body: Record<string, unknown>): Pick<Asked, 'messages' | 'schema'>
  token(text: string, asked: Asked): string
  /** The end of an answer. */
  end(finish: string, usage: Usage, asked: Asked): string
  /** An error inside the stream. */
  broken(message: string): string
  /** The body of an answer that is not 2xx. */
  failure(message: string): string
}
