/**
 * First cloud content and verification steps: declared by a service as data with a function that works through the
 * public APIs. They run as units of the graph, so that content is made while the rest still starts.
 */
import type { OpenStack } from '../openstack/index.ts'

export interface StepContext {
  /** A session of the cloud's administrator at the public URL. */
  readonly cloud: OpenStack
  /** Publishes what the step does or waits for, one short sentence. */
  readonly say: (message: string) => void
  readonly signal: AbortSignal
  /** Runs a command in the toolbox Pod's node network (host network of a network node): exit code and output. For pings of floating IPs. */
  readonly onNetworkNode: (command: readonly string[]) => Promise<{ readonly code: number; readonly stdout: string }>
  /** Files of the tiny test image on this machine (paths), made on demand. */
  readonly testImage: () => Promise<{ readonly kernel: string; readonly ramdisk: string; readonly disk: string; readonly digest: string }>
  /** Public key for the first keypair, from a generated Secret. */
  readonly publicKey: () => Promise<string>
}

export interface Step {
  /** `flavors`, `image`, `server`. */
  readonly name: string
  readonly title: string
  /** Units that must be done: `nova/api`, `content/image`. */
  readonly needs: readonly string[]
  /** Says without writing whether `run` would change something; omitted for verifications that always run. */
  readonly observe?: (context: StepContext) => Promise<'created' | 'configured' | 'unchanged'>
  /** Idempotent; can be killed and run again. Returns what it did, and a sentence for people. */
  readonly run: (context: StepContext) => Promise<{ readonly action: 'created' | 'configured' | 'unchanged'; readonly message: string }>
}
