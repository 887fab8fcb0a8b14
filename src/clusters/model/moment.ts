/** Moments as objects keep them: ISO 8601 in UTC with microseconds, so that they sort as text. */

export function momentOf(date: Date): string {
  return date.toISOString().replace('Z', '000Z')
}

/** `now`, or the first moment after `previous` when clocks of replicas disagree: what is stamped by it only grows. */
export function momentAfter(previous: string | undefined, now: Date): string {
  const moment = momentOf(now)
  if (previous === undefined || moment > previous) return moment
  const micros = BigInt(Date.parse(previous)) * 1000n + BigInt(previous.slice(23, 26)) + 1n
  return `${new Date(Number(micros / 1000n)).toISOString().slice(0, 23)}${String(micros % 1000n).padStart(3, '0')}Z`
}
