/** The fields of Kubernetes objects that readiness reads; the one place where their paths stand. */
import type { KubeObject } from '../object.ts'

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: {
    readonly exitCode: number
    readonly reason?: string
    readonly message?: string
    readonly finishedAt?: string
  }
}

export interface ContainerStatus {
  readonly name: string
  readonly ready?: boolean
  readonly started?: boolean
  readonly restartCount?: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface Pod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string
    readonly containers?: readonly { readonly name: string }[]
    readonly initContainers?: readonly { readonly name: string; readonly restartPolicy?: string }[]
  }
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly message?: string
    readonly conditions?: readonly Condition[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

interface Selected {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> }
}

export interface Deployment extends KubeObject {
  readonly spec?: Selected & { readonly replicas?: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface StatefulSet extends KubeObject {
  readonly spec?: Selected & { readonly replicas?: number; readonly updateStrategy?: { readonly type?: string } }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly updatedReplicas?: number
    readonly currentRevision?: string
    readonly updateRevision?: string
  }
}

export interface DaemonSet extends KubeObject {
  readonly spec?: Selected & { readonly updateStrategy?: { readonly type?: string } }
  readonly status?: {
    readonly observedGeneration?: number
    readonly desiredNumberScheduled?: number
    readonly updatedNumberScheduled?: number
    readonly numberAvailable?: number
  }
}

export interface Job extends KubeObject {
  readonly spec?: Selected & { readonly completions?: number; readonly suspend?: boolean }
  readonly status?: {
    readonly startTime?: string
    readonly active?: number
    readonly failed?: number
    readonly succeeded?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface PersistentVolumeClaim extends KubeObject {
  readonly spec?: { readonly storageClassName?: string }
  readonly status?: { readonly phase?: string }
}

export interface Service extends KubeObject {
  readonly spec?: { readonly type?: string }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly unknown[] } }
}

/** A condition of that type with that status. */
export function conditionOf(
  conditions: readonly Condition[] | undefined,
  type: string,
  status: 'True' | 'False',
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type && condition.status === status)
}
