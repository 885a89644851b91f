// Versions as x.y.z. What follows (`-RC.1`, `+build`) is not compared: a release candidate counts as its release.

/** The x.y.z that `pattern` captures in what `--version` printed, or null if that is not what the program prints. */
export const parseVersion = (pattern: RegExp, output: string): string | null => pattern.exec(output)?.[1] ?? null

/** Negative if a is older than b, 0 if they are the same, positive if a is newer. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export const isAtLeast = (version: string, floor: string): boolean => compareVersions(version, floor) >= 0
