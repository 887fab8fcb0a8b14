/** A short Pod on one node, with the node's own network and devices, past the scheduler. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kube, KubeError, type KubeObject, type ObjectRef } from '../../kube/index.ts'
import type { CloudNeeds } from '../underlay.ts'

export interface NodePod {
  readonly node: string
  readonly image: string
  readonly script: string
  /** It sees the processes of the node, and these directories: path in the container -> on the node. */
  readonly reaches?: Readonly<Record<string, string>>
}

/** Pulls of the first image are part of it. */
const limitSeconds = 300

/** The kubelet pulls again after ten seconds: a registry that was away for a moment stands in nobody's way. */
const passesMs = 25_000

/** What the script wrote to /dev/termination-log, which takes no permission to read logs, or why it did not end well. The Pod is gone afterwards. */
export async function runOnNode(
  kube: Kube,
  needs: CloudNeeds,
  given: NodePod,
  signal: AbortSignal,
): Promise<{ readonly words: string } | { readonly failure: string }> {
  const pod = podOf(given, needs)
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: needs.namespace, name: pod.metadata.name }
  try {
    await create(kube, pod, ref, signal)
    let troubledAt: number | undefined
    for (const end = Date.now() + limitSeconds * 1000; Date.now() < end; ) {
      const seen = outcome(await kube.get(ref, { signal }))
      troubledAt = seen !== undefined && 'mayPass' in seen ? (troubledAt ?? Date.now()) : undefined
      if (seen !== undefined && (troubledAt === undefined || Date.now() - troubledAt > passesMs)) return seen
      await sleep(300, undefined, { signal })
    }
    return { failure: `no answer within ${limitSeconds} s` }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    return { failure: error.why ?? error.message }
  } finally {
    await kube.delete(ref).catch(() => false)
  }
}

function podOf({ node, image, script, reaches }: NodePod, needs: CloudNeeds): KubeObject {
  const name = `croque-node-${createHash('sha256').update(node).digest('hex').slice(0, 10)}`
  const mounts = Object.entries(reaches ?? {}).map(([mountPath, path], index) => ({
    volume: { name: `host-${index}`, hostPath: { path, type: 'Directory' } },
    mount: { name: `host-${index}`, mountPath, mountPropagation: 'Bidirectional' },
  }))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: needs.namespace },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      hostNetwork: true,
      ...(reaches === undefined ? {} : { hostPID: true }),
      dnsPolicy: 'ClusterFirstWithHostNet',
      automountServiceAccountToken: false,
      activeDeadlineSeconds: limitSeconds,
      terminationGracePeriodSeconds: 1,
      imagePullSecrets: needs.pullSecrets.map((secret) => ({ name: secret })),
      containers: [
        {
          name: 'main',
          image,
          imagePullPolicy: needs.pullPolicy,
          command: ['sh', '-uc', script],
          securityContext: { privileged: true, runAsUser: 0 },
          volumeMounts: mounts.map(({ mount }) => mount),
        },
      ],
      volumes: mounts.map(({ volume }) => volume),
    },
  }
}

/** One that a killed run left is in the way; the account that a Pod must have comes a moment after its namespace. */
async function create(kube: Kube, pod: KubeObject, ref: ObjectRef, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await kube.create(pod, { signal })
      return
    } catch (error) {
      const soon =
        error instanceof KubeError && (error.alreadyExists || /serviceaccount .* not found/.test(error.why ?? ''))
      if (!soon || attempt >= 50) throw error
      if (error.alreadyExists) await kube.delete(ref)
      await sleep(300, undefined, { signal })
    }
  }
}

interface RunPod extends KubeObject {
  readonly status?: {
    readonly phase?: string
    readonly message?: string
    readonly containerStatuses?: readonly {
      readonly state?: {
        readonly waiting?: { readonly reason?: string; readonly message?: string }
        readonly terminated?: { readonly exitCode: number; readonly message?: string; readonly reason?: string }
      }
    }[]
  }
}

const troubles = /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|CreateContainer\w*Error)$/

/** Said of what is not there, and of who may not have it. */
const isFinal = /not found|denied|unauthorized|forbidden/i

interface Failure {
  readonly failure: string
  readonly mayPass?: true
}

function outcome(pod: RunPod | undefined): { readonly words: string } | Failure | undefined {
  if (pod === undefined) return { failure: 'its Pod was deleted' }
  const { waiting, terminated } = pod.status?.containerStatuses?.[0]?.state ?? {}
  if (waiting?.reason !== undefined && troubles.test(waiting.reason)) {
    const failure = [waiting.reason, waiting.message].filter((part) => part).join(': ')
    return isFinal.test(failure) ? { failure } : { failure, mayPass: true }
  }
  if (terminated?.exitCode === 0) return { words: terminated.message ?? '' }
  if (terminated !== undefined) return { failure: `its Pod ended with ${terminated.exitCode}` }
  if (pod.status?.phase === 'Failed') return { failure: pod.status.message ?? 'its Pod failed' }
  return undefined
}
