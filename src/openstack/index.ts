/** OpenStack through its public APIs: a Keystone session with its catalog, one module a service. */

export { cache } from './cache.ts'
export type { Flavor, Keypair } from './compute.ts'
export { connect, connectService, type OpenStack, type ServiceConnection } from './connect.ts'
export { type ClientCredentials, cloudsYaml, openrc } from './credentials.ts'
export { isAway, statusOf } from './failure.ts'
export type { Image } from './image.ts'
export type { FloatingIp, Network, Router, SecurityGroup, SecurityRule, Subnet } from './network.ts'
export { onlyOne } from './only-one.ts'
export { pause } from './pause.ts'
export type { Server } from './server.ts'
export type { ConnectOptions } from './session.ts'
export type { Volume, VolumeQos, Volumes, VolumeType } from './volume.ts'
