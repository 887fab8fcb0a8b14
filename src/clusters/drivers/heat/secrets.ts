/** Which secret files a node shall have. */
import { autoscalerFiles, type ServiceForNodes } from '../../autoscaler/index.ts'
import { type Cluster, type ClusterStore, isSwarm } from '../../model/index.ts'
import { type NodeOrders, reviewerToken, type SecretSource } from '../../nodes/index.ts'
import { type DoorForNodes, reviewerFiles } from '../../reviews/index.ts'
import { labelIsTrue } from '../../rules/index.ts'
import { hasAutoscaler } from './addons/index.ts'
import { type CloudForNodes, cloudConfigFiles } from './cloud-config.ts'
import { writtenCredential } from './credentials.ts'

/** What orders and the desk know it by. */
const cloudConfig = 'cloud-config'

/** For the desk. */
export const cloudConfigSecret = (
  store: Pick<ClusterStore, 'readSecret'>,
  cloud: CloudForNodes,
): Readonly<Record<string, SecretSource>> => ({
  [cloudConfig]: async (cluster) => {
    const credential = await writtenCredential(store, cluster.uuid)
    if (credential === undefined) throw new Error(`Cluster ${cluster.uuid} has no credential for its nodes`)
    return cloudConfigFiles(cluster, cloud, credential)
  },
})

const isOn = ({ spec }: Pick<Cluster, 'spec'>, label: string, fallback: boolean): boolean =>
  labelIsTrue(spec.labels[label] ?? String(fallback))

const keystoneAuth = 'keystone-auth'
/** Its files are what the cluster's key and the configuration make of it. */
const only = '1'

/** For the desk. */
export const keystoneAuthSecret = (door: DoorForNodes): Readonly<Record<string, SecretSource>> => ({
  [keystoneAuth]: async ({ uuid }, key) => reviewerFiles(door, uuid, reviewerToken(key, uuid)),
})

const autoscaler = 'autoscaler'

/** Name of the credential that the login of its autoscaler is made of; undefined where it has none. */
export const autoscalerCredential =
  (store: Pick<ClusterStore, 'readSecret'>) =>
  async ({ uuid, spec }: Pick<Cluster, 'uuid' | 'spec'>): Promise<string | undefined> =>
    hasAutoscaler(spec) ? (await writtenCredential(store, uuid))?.name : undefined

/** For the desk. */
export const autoscalerSecret = (
  store: Pick<ClusterStore, 'readSecret'>,
  service: ServiceForNodes,
): Readonly<Record<string, SecretSource>> => ({
  [autoscaler]: async (cluster, key) => {
    const credential = await autoscalerCredential(store)(cluster)
    if (credential === undefined) throw new Error(`Cluster ${cluster.uuid} has no login for an autoscaler`)
    return autoscalerFiles(service, { clusterId: cluster.uuid, key, credential })
  },
})

/** Whether users of Keystone are users of the cluster. Docker has no users. */
export const knowsKeystone = (cluster: Pick<Cluster, 'spec'>): boolean =>
  !isSwarm(cluster) && isOn(cluster, 'keystone_auth_enabled', true)

/** Whether there is anything in the cluster that calls the cloud. */
export const callsCloud = (cluster: Pick<Cluster, 'spec'>): boolean =>
  !isSwarm(cluster) && isOn(cluster, 'cloud_provider_enabled', true)

/** `credential`: the name of the one that nodes shall have; undefined where they shall have none. */
export function secretsFor(
  cluster: Pick<Cluster, 'spec'>,
  role: NodeOrders['role'],
  credential: string | undefined,
): NodeOrders['secrets'] {
  const callsCloud = role === 'master' || isOn(cluster, 'worker_cloud_config_enabled', false)
  return {
    ...(credential !== undefined && callsCloud ? { [cloudConfig]: credential } : {}),
    ...(credential !== undefined && role === 'master' && hasAutoscaler(cluster.spec)
      ? { [autoscaler]: credential }
      : {}),
    ...(role === 'master' && knowsKeystone(cluster) ? { [keystoneAuth]: only } : {}),
  }
}
