/** Versions of Kubernetes as labels and nodes say them: `v1.34.2`, `1.34`, `v1.23.3-rancher1`. */

export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** Undefined for what is no such version: other things than versions stand in tags. */
export function parseVersion(text: string | undefined): Version | undefined {
  const [, major, minor, patch] = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:[-+].*)?$/.exec(text?.trim() ?? '') ?? []
  if (major === undefined || minor === undefined) return undefined
  return { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0) }
}

/** Below, at or above zero as `one` is older than, like or newer than `other`. */
export function compareVersions(one: Version, other: Version): number {
  return one.major - other.major || one.minor - other.minor || one.patch - other.patch
}

export function shortVersion({ major, minor }: Pick<Version, 'major' | 'minor'>): string {
  return `v${major}.${minor}`
}
