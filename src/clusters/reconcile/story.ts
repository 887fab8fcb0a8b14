/**
 * What happens to clusters, as data: Kubernetes Events, notifications and logs are views of it. A tale may be told twice after this
 * program was killed, never not at all.
 */
import type { Cluster, HealthName, NodeGroup } from '../model/index.ts'

export type Happening = { readonly cluster: Cluster; readonly nodeGroups: readonly NodeGroup[] } & (
  | { readonly what: 'began' }
  /** What is waited for has changed. */
  | { readonly what: 'waits'; readonly for: string }
  /** Something outside does not answer, or not as it should; it is tried again. */
  | { readonly what: 'hindered'; readonly reason: string }
  | { readonly what: 'succeeded' }
  | { readonly what: 'failed'; readonly reason: string }
  /** The wish failed, and what was before is wished again. */
  | { readonly what: 'turned-back'; readonly reason: string }
  | { readonly what: 'health-changed'; readonly from: HealthName | undefined; readonly to: HealthName }
)

/** Never throws and never waits. */
export type Story = (happening: Happening) => void

/** One story for several listeners. */
export const tellAll =
  (...stories: readonly Story[]): Story =>
  (happening) => {
    for (const story of stories) story(happening)
  }
