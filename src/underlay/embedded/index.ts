/** Real Kubernetes on this machine, in node containers. */
export { accessOf } from './access.ts'
export { type Binaries, ensureBinaries, kubectlPath } from './binaries.ts'
export type { EmbeddedOptions } from './context.ts'
export { createEmbeddedUnderlay } from './embedded.ts'
export { kvmUsable } from './kvm.ts'
export { ensureRootfs } from './rootfs.ts'
