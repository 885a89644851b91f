declare module 'pidusage' {
  /** ctime: CPU time in milliseconds since the process started; memory: resident bytes. A process that has ended has no entry. */
  export default function pidusage(pids: number[]): Promise<Record<string, { ctime: number; memory: number } | undefined>>
}
