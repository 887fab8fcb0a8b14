/**
 * The story as Kubernetes Events (events.k8s.io): `kubectl events --for clusters.croque.dev/…` reads it, also after the cluster is gone.
 * Bounded: nobody waits for an Event to be written, what cannot be written soon is dropped, and nothing is told twice in a row.
 */
import type { Kube } from '../../kube/index.ts'
import type { Clock } from '../clock/index.ts'
import { apiVersion, type Cluster, momentOf } from '../model/index.ts'
import type { ClusterEvent } from '../rules/index.ts'
import type { Happening, Story } from './story.ts'
import { type Tale, taleOf } from './tale.ts'

export interface EventOptions {
  readonly kube: Pick<Kube, 'create'>
  /** Of the Clusters. */
  readonly namespace: string
  readonly clock: Clock
  /** Of Events: UUIDs. */
  readonly newId: () => string
  /** Which process tells. */
  readonly instance: string
  /** Events that wait to be written; older ones are dropped for newer ones. @default 1000 */
  readonly limit?: number
  /** Told of what could not be written. */
  readonly onFailure?: (error: unknown) => void
}

export interface EventTeller {
  readonly story: Story
  /** What the API refused to begin is told as well; everything else of it the story tells. */
  notify(cluster: Cluster, event: ClusterEvent): void
  /** Ends when nothing waits any more. */
  drained(): Promise<void>
}

/** What an Event may hold. */
const noteLimit = 1024
/** Clusters whose last Event is remembered. */
const memory = 10_000

export function createEventTeller(options: EventOptions): EventTeller {
  const { kube, limit = 1000, onFailure } = options
  const waiting: { readonly cluster: Cluster; readonly tale: Tale }[] = []
  const last = new Map<string, string>()
  let writing: Promise<void> | undefined

  const writeAll = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await kube.create(eventOf(options, next.cluster, next.tale)).catch((error: unknown) => onFailure?.(error))
    }
    writing = undefined
  }

  const tell = (cluster: Cluster, tale: Tale): void => {
    const text = `${tale.reason} ${tale.note}`
    if (last.get(cluster.uid) === text) return
    last.delete(cluster.uid)
    last.set(cluster.uid, text)
    const [oldest] = last.keys()
    if (last.size > memory && oldest !== undefined) last.delete(oldest)
    waiting.push({ cluster, tale })
    if (waiting.length > limit) waiting.shift()
    writing ??= writeAll()
  }

  return {
    story: (happening: Happening) => tell(happening.cluster, taleOf(happening)),
    notify: (cluster, { eventType, priority }) => {
      if (priority !== 'ERROR') return
      const action = eventType.slice(eventType.lastIndexOf('.') + 1)
      const title = `${action.slice(0, 1).toUpperCase()}${action.slice(1)}`
      const note = `The API refused to ${action} cluster ${cluster.spec.name} in its status`
      tell(cluster, { type: 'Warning', action: title, reason: `${title}Refused`, note })
    },
    drained: async () => await writing,
  }
}

function eventOf({ namespace, clock, newId, instance }: EventOptions, cluster: Cluster, tale: Tale) {
  const { type, reason, action, note } = tale
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace, name: `${cluster.uuid}.${newId()}` },
    eventTime: momentOf(new Date(clock.now())),
    reportingController: 'croque.dev/clusters',
    reportingInstance: instance.slice(0, 128),
    type,
    reason,
    action,
    note: note.length > noteLimit ? `${note.slice(0, noteLimit - 1)}…` : note,
    regarding: {
      apiVersion,
      kind: 'Cluster',
      namespace,
      name: cluster.uuid,
      uid: cluster.uid,
      resourceVersion: cluster.resourceVersion,
    },
  }
}
