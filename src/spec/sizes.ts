/** What a size means. Components that can only run once are not affected; the catalog knows which. */
import type { CheckedSpec } from './cloud.ts'

export interface SizePreset {
  /** Pods of a component that may run several times. */
  readonly replicas: number
  /** Worker processes of an API or RPC service. */
  readonly workers: number
}

const presets: Readonly<Record<CheckedSpec['size'], SizePreset>> = {
  tiny: { replicas: 1, workers: 1 },
  small: { replicas: 2, workers: 1 },
  ha: { replicas: 3, workers: 2 },
}

export const sizePreset = (size: CheckedSpec['size']): SizePreset => presets[size]
