/** What an add-on is: something that runs inside a tenant's cluster beside CoreDNS and kube-proxy, because a label asks for it. */
import type { KubeObject } from '../../../../kube/index.ts'
import type { ClusterSpec } from '../../../model/index.ts'

export type Asking = Pick<ClusterSpec, 'labels' | 'template'>

/** The credential of the cluster's nodes, or what its autoscaler has. */
export type Login = 'credential' | 'autoscaler-login'

export interface AddOn {
  /** Of the program, and of its objects in the cluster. */
  readonly name: string
  /** Label, or option of a template, that asks for it: only where it is said, for its images have to be there. */
  readonly label: string
  /** @default where the label says true */
  readonly isAsked?: (spec: Asking) => boolean
  /** What it calls the cloud with; absent: it does not. */
  readonly login?: Login
  /** Secret with a password that is drawn where it is not there yet. */
  readonly password?: string
  /** All of it, in the order in which it is applied. Nothing secret. @throws CloudRefusal for labels that cannot be read */
  objects(about: Surroundings): readonly KubeObject[]
}

/** What objects depend on. The same for the same. */
export interface Surroundings {
  /** UUID. */
  readonly cluster: string
  readonly labels: Readonly<Record<string, string>>
  /** Range of all Pods. */
  readonly pods: string
  /** Reference of an image: where `container_infra_prefix` says. */
  readonly image: (image: Image) => string
  /** Name of the credential that is in the Secret {@link cloudSecret}: Pods that were started with another one are replaced. */
  readonly credential: string
  /** Whether the cloud has load balancers. */
  readonly balancers: boolean
  /** What nodes know by their own hosts files, where name servers do not know it. */
  readonly host?: { readonly name: string; readonly address: string }
}

export interface Image {
  /** @default registry.k8s.io */
  readonly registry?: string
  /** Below its registry: `sig-storage/csi-attacher`. */
  readonly path: string
  readonly tag: string
}

/** Of all add-ons: Pods that the cluster does not work without are not evicted there. */
export const namespace = 'kube-system'

/** Holds the files of `/etc/kubernetes` that a cloud provider reads. Put there by a master, from what it has; no order shows it. */
export const cloudSecret = 'croque-cloud-config'

/** The same, of the autoscaler's directory. */
export const autoscalerSecret = 'croque-autoscaler-cloud-config'
