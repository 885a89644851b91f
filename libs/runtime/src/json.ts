// JSON that somebody else has written.
export type Json = Record<string, unknown>

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text that a program can be given. */
export const isString = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0')

/** The object that a text stands for; null when it stands for none. */
export function objectIn(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}
