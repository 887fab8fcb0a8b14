/** How nodes reach the cloud, in the words of cloud-provider-openstack (docs/openstack-cloud-controller-manager, `[Global]`). Pure. */
import type { Cluster } from '../../model/index.ts'
import { balancerLabels, balancerOf } from './balancer.ts'
import type { Credential } from './credentials.ts'

export interface CloudForNodes {
  /** Keystone as nodes reach it, with `/v3` or without. */
  readonly authUrl: string
  readonly region?: string
  /** Domain of the users of clusters. */
  readonly userDomain: string
  /** PEM of the CA behind the cloud's certificates, where that is no public one. */
  readonly ca?: string
}

const caFile = '/etc/kubernetes/cloud-ca.crt'

/** Path to text. Secret. */
export function cloudConfigFiles(
  cluster: Pick<Cluster, 'uuid' | 'spec'>,
  { authUrl, region, userDomain, ca }: CloudForNodes,
  { name, secret }: Pick<Credential, 'name' | 'secret'>,
): Readonly<Record<string, string>> {
  const said = {
    'auth-url': authUrl.endsWith('/v3') ? authUrl : `${authUrl}/v3`,
    ...(region === undefined ? {} : { region }),
    // By names, not by ids: one that had to be made anew is the same for its nodes.
    username: cluster.uuid,
    'user-domain-name': userDomain,
    'application-credential-name': name,
    'application-credential-secret': secret,
    ...(ca === undefined ? {} : { 'ca-file': caFile }),
  }
  const lines = (said: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(said).map(([option, value]) => `${option} = ${JSON.stringify(value)}`)
  const balancers = balancersOf(cluster)
  return {
    '/etc/kubernetes/cloud-config': [
      ...['[Global]', ...lines(said)],
      ...(balancers === undefined ? [] : ['[LoadBalancer]', ...lines(balancers)]),
      '',
    ].join('\n'),
    ...(ca === undefined ? {} : { [caFile]: ca }),
  }
}

/** Of Services; undefined where nobody says a word about them. */
function balancersOf(cluster: Pick<Cluster, 'spec'>): Readonly<Record<string, string>> | undefined {
  if (!balancerLabels.some((name) => cluster.spec.labels[name] !== undefined)) return undefined
  const { provider, algorithm, isMonitored } = balancerOf(cluster)
  return {
    ...(provider === undefined ? {} : { 'lb-provider': provider }),
    'lb-method': algorithm,
    'create-monitor': String(isMonitored),
  }
}
