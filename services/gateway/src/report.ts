import { checkSchema, type IncidentReport, limits, TriageError } from '@triage/contracts'
import { parseStrict } from '@triage/envelope'

const refuse = (code: ConstructorParameters<typeof TriageError>[0], why: string): never => {
  throw new TriageError(code, why)
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return refuse('E_REPORT_NOT_UTF8', `the ${bytes.byteLength} bytes are not UTF-8`)
  }
}

function fromJson(text: string): IncidentReport {
  try {
    const value = parseStrict(text)
    const wrong = checkSchema('incident-report', value)
    return wrong ? refuse('E_REPORT_SCHEMA', `the report is JSON, but ${wrong}`) : (value as IncidentReport)
  } catch (error) {
    const { code, message } = TriageError.from(error)
    return refuse('E_REPORT_SCHEMA', code === 'E_MESSAGE_JSON' ? `the report starts like JSON, but is ${message}` : message)
  }
}

/** Reads what a reporter sent: text in any words, or JSON of the incident report schema. Throws E_REPORT_*. */
export function readReport(bytes: Uint8Array): IncidentReport {
  if (bytes.byteLength > limits.message_bytes)
    refuse('E_REPORT_TOO_LONG', `the report has ${bytes.byteLength} bytes, ${limits.message_bytes} are allowed`)
  const text = decode(bytes).trim()
  if (text === '') refuse('E_REPORT_EMPTY', 'the report is empty')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what tells a file from a sentence
  if (/[\u0000-\u0008\u000e-\u001f\u007f]/.test(text)) refuse('E_REPORT_BINARY', 'the report holds control characters')
  const report = text.startsWith('{') ? fromJson(text) : { text }
  if (report.text.trim() === '') refuse('E_REPORT_EMPTY', 'the report has no text')
  return report
}
