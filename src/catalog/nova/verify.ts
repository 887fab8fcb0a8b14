import type { Step } from '../content.ts'

export function verifySteps(): readonly Step[] {
  return []
}
