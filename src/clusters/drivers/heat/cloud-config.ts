/** How nodes reach the cloud, in the words of cloud-provider-openstack (docs/openstack-cloud-controller-manager, `[Global]`). Pure. */
import type { Cluster } from '../../model/index.ts'
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
  { uuid }: Pick<Cluster, 'uuid'>,
  { authUrl, region, userDomain, ca }: CloudForNodes,
  { name, secret }: Pick<Credential, 'name' | 'secret'>,
): Readonly<Record<string, string>> {
  const said = {
    'auth-url': authUrl.endsWith('/v3') ? authUrl : `${authUrl}/v3`,
    ...(region === undefined ? {} : { region }),
    // By names, not by ids: one that had to be made anew is the same for its nodes.
    username: uuid,
    'user-domain-name': userDomain,
    'application-credential-name': name,
    'application-credential-secret': secret,
    ...(ca === undefined ? {} : { 'ca-file': caFile }),
  }
  const lines = Object.entries(said).map(([option, value]) => `${option} = ${JSON.stringify(value)}`)
  return {
    '/etc/kubernetes/cloud-config': ['[Global]', ...lines, ''].join('\n'),
    ...(ca === undefined ? {} : { [caFile]: ca }),
  }
}
