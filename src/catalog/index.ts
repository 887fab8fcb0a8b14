/** Every service that croque can deploy; adding one is adding a folder and a line here. */
import { ceph } from './ceph/index.ts'
import { cinder } from './cinder/index.ts'
import { gateway } from './gateway/index.ts'
import { glance } from './glance/index.ts'
import { heat } from './heat/index.ts'
import { horizon } from './horizon/index.ts'
import { keystone } from './keystone/index.ts'
import { magnum } from './magnum/index.ts'
import { mariadb } from './mariadb/index.ts'
import { memcached } from './memcached/index.ts'
import type { ServiceDefinition } from './model.ts'
import { neutron } from './neutron/index.ts'
import { nova } from './nova/index.ts'
import { ovn } from './ovn/index.ts'
import { placement } from './placement/index.ts'
import { rabbitmq } from './rabbitmq/index.ts'
import { toolbox } from './toolbox/index.ts'

export const catalog: readonly ServiceDefinition[] = [
  mariadb,
  rabbitmq,
  memcached,
  gateway,
  keystone,
  placement,
  glance,
  ovn,
  neutron,
  ceph,
  cinder,
  nova,
  heat,
  magnum,
  horizon,
  toolbox,
]

export type * from './content.ts'
export { contentNames } from './content.ts'
export { nodeHosts } from './context.ts'
export {
  importNodeImage,
  type NodeForm,
  type NodeImageFiles,
  type NodeImageInCloud,
  nodeCommandLine,
  nodeHypervisors,
  nodeImageDigest,
  nodeImagesIn,
} from './glance/node-image.ts'
export type * from './model.ts'
export { configDir, secretName } from './model.ts'
export { lxcNeeds } from './nova/lxc.ts'
export type * from './source.ts'
export { programsDir } from './source.ts'
export { fromSource, type Origin, sourceImages, sources } from './sources.ts'
export { caFile, keyFile, tlsDir } from './tls.ts'
export { type UserName, users } from './users.ts'
export { everyBackend } from './volumes.ts'
