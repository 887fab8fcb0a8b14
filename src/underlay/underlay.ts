/** One thing that preflight looked at. All findings are reported together, before anything is changed. */
export interface Finding {
  readonly check: string
  readonly ok: boolean
  /** `fixable`: `up` mends it by itself after saying so (a missing Debian package). */
  readonly severity: 'error' | 'warning' | 'fixable'
  readonly message: string
  readonly next?: string
}

/** How to reach the API server from this machine. */
export interface KubeAccess {
  /** `https://127.0.0.1:PORT` for the embedded underlay. */
  readonly server: string
  readonly ca: string
  readonly clientCert: string
  readonly clientKey: string
  /** A complete kubeconfig file's text for `kubectl`. */
  readonly kubeconfig: string
  /** Path of a kubectl of the cluster's own version on this machine, where there is one. */
  readonly kubectl?: string
}

export type UnderlayState = 'absent' | 'stopped' | 'partial' | 'running'

export interface UnderlayStatus {
  readonly state: UnderlayState
  readonly nodes: readonly { readonly name: string; readonly ready: boolean; readonly message?: string }[]
  readonly message?: string
}

/** A step of making the underlay, reported as it begins, tells what it waits for, and ends. */
export interface StepReporter {
  /** Runs `work` as a named step below `underlay` or `images`; `say` publishes what it is doing or waiting for right now (one short sentence). */
  step<T>(id: string, work: (say: (message: string) => void) => Promise<T>): Promise<T>
}

/** An OCI image archive in the cache and the name that Pods use for it. */
export interface ImageArchive {
  readonly reference: string
  /** `sha256:…` of the manifest. */
  readonly digest: string
  /** OCI image layout tar. */
  readonly path: string
}

/** Something on 127.0.0.1 of this machine that leads to an address inside the underlay. */
export interface Forward {
  readonly name: string
  readonly hostPort: number
  /** Address as seen from the first node, e.g. `10.111.0.2:6443` or a Service's. */
  readonly target: string
}

export interface Underlay {
  preflight(): Promise<readonly Finding[]>
  status(): Promise<UnderlayStatus>
  /** Makes the cluster, or brings the same one back after a crash or a reboot; idempotent, can be killed at any point and run again. */
  up(report: StepReporter, signal: AbortSignal): Promise<KubeAccess>
  /** Access to a running underlay; undefined when it is not there. Cheap (reads one file). */
  access(): Promise<KubeAccess | undefined>
  /** Makes the images available on every node; those already there are skipped. */
  importImages(images: readonly ImageArchive[], report: StepReporter, signal: AbortSignal): Promise<void>
  /** Makes these listeners on 127.0.0.1 exist, and no others of ours. Idempotent. */
  forward(forwards: readonly Forward[]): Promise<void>
  /** Host names that lead to 127.0.0.1 by marked lines in /etc/hosts. Idempotent; `[]` removes the lines. */
  hostNames(names: readonly string[]): Promise<void>
  /** Removes all that it made and nothing else; works on a half-made installation; idempotent. */
  down(report: StepReporter): Promise<void>
}
