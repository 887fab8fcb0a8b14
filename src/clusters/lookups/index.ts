/** What requests name of the cloud, looked up with the caller's own rights. */
export { requireRootDisk } from './compute.ts'
export { type FoundFor, type LookupOptions, type Lookups, lookups } from './lookups.ts'
export type { Found, FoundFlavor, FoundImage, FoundNetwork, FoundSubnet, Sought } from './sought.ts'
