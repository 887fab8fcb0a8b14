/** What a driver says of a cluster that somebody asks for, before it is accepted. */

/** Of the image, what a judgement depends on. */
export interface NodeImage {
  /** `img_hv_type`: `lxc`, `qemu`, …; undefined where it says none. */
  readonly hypervisor?: string
  /** The Kubernetes inside, where it says so: `v1.35.4`. */
  readonly kubeVersion?: string
  /** The Docker, where it says so: `26.1.5`. */
  readonly dockerVersion?: string
}

export interface Judgement {
  /** Set when it cannot be served: why, and what to do. */
  readonly refusal?: string
  /** What will be otherwise than it was asked for; whole sentences. */
  readonly warnings: readonly string[]
}
