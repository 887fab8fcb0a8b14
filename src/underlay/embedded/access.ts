/** The administrator's kubeconfig: kubeadm's, with the server's address as seen from this machine. */
import { parse } from 'yaml'
import { z } from 'zod'
import { readFileIfThere } from '../../host/index.ts'
import { oneContext } from '../../kube/index.ts'
import type { KubeAccess } from '../underlay.ts'
import { kubectlOf, type Layout } from './layout.ts'

const schema = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.base64() }) }),
  ]),
  users: z.tuple([
    z.object({ user: z.object({ 'client-certificate-data': z.base64(), 'client-key-data': z.base64() }) }),
  ]),
})

/** A kubeconfig with one context, named as the cluster, that goes to a port on 127.0.0.1. */
export function hostKubeconfig(adminConf: string, to: { readonly name: string; readonly port: number }): string {
  const { clusters, users } = schema.parse(parse(adminConf))
  const cluster = { ...clusters[0].cluster, server: `https://127.0.0.1:${to.port}` }
  return oneContext({ name: to.name, user: `${to.name}-admin`, cluster, login: users[0].user })
}

/** Undefined when the installation has no kubeconfig yet. */
export async function readAccess(layout: Layout): Promise<KubeAccess | undefined> {
  const kubeconfig = await readFileIfThere(layout.kubeconfig)
  return kubeconfig === undefined
    ? undefined
    : { ...accessOf(kubeconfig), kubeconfigFile: layout.kubeconfig, kubectl: kubectlOf(layout) }
}

export function accessOf(kubeconfig: string): Omit<KubeAccess, 'kubeconfigFile'> {
  const { clusters, users } = schema.parse(parse(kubeconfig))
  const plain = (data: string): string => Buffer.from(data, 'base64').toString('utf8')
  const { cluster } = clusters[0]
  const { user } = users[0]
  return {
    server: cluster.server,
    ca: plain(cluster['certificate-authority-data']),
    clientCert: plain(user['client-certificate-data']),
    clientKey: plain(user['client-key-data']),
    kubeconfig,
  }
}
