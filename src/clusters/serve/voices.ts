/** Who is told what happens to clusters: whoever looks at the Cluster (Kubernetes Events), the log, and the message bus if there is one. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Kube } from '../../kube/index.ts'
import type { ApiServices } from '../api/index.ts'
import type { Clock } from '../clock/index.ts'
import type { ClusterStore } from '../model/index.ts'
import { type Bus, connectBus, endingOf, notificationOf } from '../notifications/index.ts'
import { createEventTeller, type Happening, type Story, tellAll } from '../reconcile/index.ts'
import type { ServiceConfig } from './config.ts'
import { errorText, type Log } from './log.ts'

type ClusterEvent = Parameters<ApiServices['notify']>[0]

export interface VoiceOptions {
  readonly config: ServiceConfig
  readonly kube: Pick<Kube, 'create'>
  readonly store: Pick<ClusterStore, 'clusters'>
  readonly replica: string
  readonly clock: Clock
  readonly log: Log
}

export interface Voices {
  /** For the reconciler. */
  readonly story: Story
  /** For the API. */
  readonly notify: (event: ClusterEvent) => void
  /** Ends when what waits was told, or could not be. */
  readonly close: () => Promise<void>
}

export async function voicesOf(options: VoiceOptions): Promise<Voices> {
  const { config, kube, store, replica, clock, log } = options
  const failed =
    (what: string) =>
    (error: unknown): void =>
      log({ level: 'WARNING', message: `${what}: ${errorText(error)}` })
  const events = createEventTeller({
    ...{ kube, clock, namespace: config.kubernetes.namespace, newId: randomUUID, instance: replica },
    onFailure: failed('An Event could not be written'),
  })
  const bus = await busOf(config, failed('The message bus'))
  const publish = (event: ClusterEvent): void => bus?.publish(envelopeOf(event, replica, clock))
  const endings: Story = (happening) => {
    const event = endingOf(happening, { now: new Date(clock.now()), newId: randomUUID })
    if (event !== undefined) publish(event)
  }
  return {
    story: tellAll(events.story, logged(log), endings),
    notify: (event) => {
      const cluster = store.clusters.get(targetOf(event))
      if (cluster !== undefined) events.notify(cluster, event)
      publish(event)
    },
    close: async () => {
      await Promise.all([events.drained(), bus?.close()])
    },
  }
}

/** One line each; what is waited for changes too often for a log. */
function logged(log: Log): Story {
  return (happening) => {
    const { what, cluster } = happening
    if (what === 'waits') return
    const { operation, name, projectId } = cluster.spec
    const facts = { cluster: cluster.uuid, project_id: projectId }
    const message = `${operation.kind} of cluster ${name}: ${what}${detailOf(happening)}`
    const level = 'reason' in happening ? 'WARNING' : 'INFO'
    log({ level, message, requestId: operation.requestId, facts })
  }
}

function detailOf(happening: Happening): string {
  if ('reason' in happening) return `: ${happening.reason}`
  return happening.what === 'health-changed' ? ` to ${happening.to}` : ''
}

async function busOf({ notifications }: ServiceConfig, onFailure: (error: unknown) => void): Promise<Bus | undefined> {
  const { driver, hosts, username: user, password = '', vhost, exchange, quorum, cafile } = notifications
  if (driver === 'noop') return undefined
  const ca = cafile === undefined ? {} : { ca: await readFile(cafile, 'utf8') }
  return await connectBus({ hosts, user, password, vhost, exchange, quorum, ...ca }, onFailure)
}

function envelopeOf(event: ClusterEvent, replica: string, clock: Clock) {
  const { user_id: userId, project_id: projectId } = partOf(event, 'initiator')
  return notificationOf(
    event,
    { ...(userId === undefined ? {} : { userId }), ...(projectId === undefined ? {} : { projectId }) },
    { publisherId: `container-infra.${replica}`, now: new Date(clock.now()) },
  )
}

const targetOf = (event: ClusterEvent): string => partOf(event, 'target')['id'] ?? ''

const partOf = (event: ClusterEvent, name: string): Readonly<Record<string, string | undefined>> =>
  (event.payload[name] ?? {}) as Readonly<Record<string, string | undefined>>
