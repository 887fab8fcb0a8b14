/** What nodes of clusters are given beside their certificates, from the configuration. */
import { readFile } from 'node:fs/promises'
import type { ClusterCertificates } from '../certificates/index.ts'
import {
  authoritiesSecret,
  autoscalerSecret,
  cloudConfigSecret,
  keystoneAuthSecret,
  swarmJoinSecrets,
} from '../drivers/index.ts'
import type { ClusterStore } from '../model/index.ts'
import type { SecretSource } from '../nodes/index.ts'
import type { ServiceConfig } from './config.ts'

export async function nodeSecrets(
  config: ServiceConfig,
  {
    store,
    certificates,
  }: { readonly store: Pick<ClusterStore, 'readSecret'>; readonly certificates: Pick<ClusterCertificates, 'admin'> },
): Promise<Readonly<Record<string, SecretSource>>> {
  const { keystone_authtoken: keystone, trust, nodes, api } = config
  const url = nodes.api_url ?? api.public_url
  const ca = nodes.cafile === undefined ? {} : { ca: await readFile(nodes.cafile, 'utf8') }
  return {
    ...authoritiesSecret,
    ...swarmJoinSecrets(certificates),
    ...cloudConfigSecret(store, {
      ...ca,
      authUrl: keystone.www_authenticate_uri ?? keystone.auth_url,
      userDomain: trust.trustee_domain_name,
      ...(keystone.region_name === undefined ? {} : { region: keystone.region_name }),
    }),
    ...(url === undefined ? {} : { ...keystoneAuthSecret({ ...ca, url }), ...autoscalerSecret(store, { ...ca, url }) }),
  }
}
