/**
 * First cloud content and verification steps: declared by a service as data with a function that works through the
 * public APIs. They run as units of the graph, so that content is made while the rest still starts.
 */
import type { OpenStack } from '../openstack/index.ts'
import type { NodeImageFiles } from './glance/node-image.ts'

/** Kernel, ramdisk and disk of the tiny test image on this machine, and its root file system for container guests (paths); the digest covers all four. */
export interface TestImage {
  readonly kernel: string
  readonly ramdisk: string
  readonly disk: string
  readonly container: string
  readonly digest: string
}

/** An image that nodes of tenants' clusters boot from; for `up`, that of the version of Kubernetes that clusters have where nobody says otherwise. */
export interface NodeImageSource {
  /** `v1.35.4` */
  readonly kubernetesVersion: string
  /** Name of the cluster template that stands on it. */
  readonly template: string
  /** When it is on this machine, whole. */
  readonly built: () => Promise<NodeImageFiles | undefined>
  /** Builds it where it is missing: many minutes at first. */
  readonly make: (say: (message: string) => void) => Promise<NodeImageFiles>
}

export interface StepContext {
  /** A session of the cloud's administrator at the public URL. */
  readonly cloud: OpenStack
  /** Publishes what the step does or waits for, one short sentence. */
  readonly say: (message: string) => void
  readonly signal: AbortSignal
  /** Runs a command in the host network of a network node: exit code and output. For pings of floating IPs. */
  readonly onNetworkNode: (command: readonly string[]) => Promise<{ readonly code: number; readonly stdout: string }>
  /** Files of the tiny test image, made on demand. */
  readonly testImage: () => Promise<TestImage>
  readonly nodeImage: NodeImageSource
  /** Public key for the first keypair, from a generated Secret. */
  readonly publicKey: () => Promise<string>
  /** `verify`: makes a server of its own and removes it, in place of keeping and looking at the first one. @default false */
  readonly fresh?: boolean
}

export type StepAction = 'created' | 'configured' | 'unchanged'

export interface StepResult {
  readonly action: StepAction
  /** A sentence for people. */
  readonly message: string
}

export interface Step {
  /** `flavors`, `image`, `server`. */
  readonly name: string
  readonly title: string
  /** Units that must be done: `nova/api`, `content/image`. */
  readonly needs: readonly string[]
  /** Says without writing what `run` would do; omitted for verifications that always run. */
  readonly observe?: (context: StepContext) => Promise<StepAction>
  /** Idempotent; can be killed and run again. Writes nothing when there is nothing to do. */
  readonly run: (context: StepContext) => Promise<StepResult>
}

/** What a service does with a node that is to be empty, and with one that takes work again, through the public APIs. Idempotent; can be killed and run again. */
export interface NodeDuty {
  /** Nodes that it is about. */
  readonly role: string
  /** Has nothing new begin there, and brings elsewhere what runs there. Returns what stays and why, a sentence each. */
  readonly drain: (node: string, context: NodeContext) => Promise<readonly string[]>
  /** Undoes the first part of `drain`. Returns what is in the way, a sentence each. */
  readonly resume: (node: string, context: NodeContext) => Promise<readonly string[]>
}

export type NodeContext = Pick<StepContext, 'cloud' | 'say' | 'signal'>

/** Units that every step needs: a user that may log in, and the way in. */
export const throughGateway: readonly string[] = ['keystone/api', 'keystone/identity', 'gateway/proxy']

/** Names of the first content, as users see them. */
export const contentNames = {
  image: 'tiny',
  containerImage: 'tiny-lxc',
  publicNetwork: 'public',
  privateNetwork: 'private',
  router: 'router1',
  keypair: 'croque',
  server: 'croque-verify',
  clusterTemplate: 'kubernetes',
  nodeFlavor: 'k8s.node',
} as const

/** Description of what croque makes, by which it knows its own. */
export const ownerMark = 'Made by croque.'
