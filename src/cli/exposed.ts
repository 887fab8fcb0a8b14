/** Where a cluster of somebody else has put the public APIs: what the document asked for, and what the cluster gave. */
import type { Kube } from '../kube/index.ts'
import type { Installation } from './installation.ts'

interface Service {
  readonly spec?: { readonly ports?: readonly { readonly nodePort?: number }[] }
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] }
  }
}

type Facts = Pick<Installation, 'cloud'> & { readonly rendering: Pick<Installation['rendering'], 'namespace'> }

/** One sentence for whoever makes the name known. */
export async function exposed({ cloud, rendering }: Facts, kube: Pick<Kube, 'get'>): Promise<string> {
  const { host, port, exposure, gateway } = cloud.spec.endpoints
  const { namespace } = rendering
  const name = `${host}:${port}`
  const found = await kube.get({ apiVersion: 'v1', kind: 'Service', namespace, name: 'gateway-proxy' })
  const { spec, status } = (found ?? {}) as Service
  switch (exposure) {
    case 'NodePort':
      return `Lead ${name} to port ${spec?.ports?.[0]?.nodePort ?? '(none yet)'} of the nodes`
    case 'LoadBalancer': {
      const at = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname).join(', ')
      return at === ''
        ? `The load balancer of ${name} has no address yet: the Service gateway-proxy in ${namespace} waits for one`
        : `Let the name ${host} lead to ${at}`
    }
    case 'HostNetwork':
      return `Let the name ${host} lead to the control nodes`
    case 'Gateway':
      return `Let the name ${host} lead to the Gateway ${gateway?.name}`
    case 'embedded':
      return `${name} is on this machine`
  }
}
