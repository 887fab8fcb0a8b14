/** How long to wait before the next try: longer each time, and never all at the same moment. */

export interface BackOff {
  /** Of the first wait, milliseconds. */
  readonly first: number
  /** No wait is longer. */
  readonly most: number
}

/**
 * Of the `failures`-th failure in a row (1 is the first): doubled each time, then between a half and the whole of it.
 *
 * @param random from 0 to 1, without 1
 */
export function waitAfter(failures: number, { first, most }: BackOff, random: () => number): number {
  // Beyond 2^30 the doubling would leave the numbers that timers take.
  const whole = Math.min(most, first * 2 ** Math.min(30, Math.max(0, failures - 1)))
  return Math.round(whole * (0.5 + random() / 2))
}
