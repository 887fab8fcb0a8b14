/** Real Kubernetes on this machine, in node containers. */
export { accessOf } from './access.ts'
export { cloudsOn } from './clouds.ts'

export { createEmbeddedUnderlay } from './embedded.ts'
export { kvmUsable } from './kvm.ts'
export { preflightNeeds } from './preflight-needs.ts'
export { unnamedUnderlay } from './unnamed.ts'
