/**
 * What the credential of a cluster's nodes may be used for: the calls that openstack-cloud-controller-manager and cinder-csi make, and no
 * others. Read from their source at v1.36 (github.com/kubernetes/cloud-provider-openstack); the file stands beside each group of calls.
 * Left out, because they are not set up here or are not a cluster's to do: routes of Pods (the driver keeps them), Barbican, backups of
 * volumes, everything of Keystone (a login needs no rule). What the catalog does not have is not allowed: a service that comes later is, after
 * the next rotation.
 */
export interface AccessRule {
  /** Type of the service in the catalog. */
  readonly service: string
  readonly method: string
  /** As keystonemiddleware sees it: with all that the endpoint's URL has for a path. `*` is one part. */
  readonly path: string
}

type Calls = readonly [methods: string, path: string]

const compute: readonly Calls[] = [
  // pkg/openstack/instances.go, pkg/csi/cinder/openstack/openstack_instances.go: servers and what they are made of.
  ['GET', '/servers/detail'],
  ['GET', '/servers/*'],
  ['GET', '/flavors/*'],
  // pkg/csi/cinder/openstack/openstack_volumes.go: AttachVolume, DetachVolume.
  ['POST', '/servers/*/os-volume_attachments'],
  ['DELETE', '/servers/*/os-volume_attachments/*'],
]

const network: readonly Calls[] = [
  // pkg/openstack/openstack.go, pkg/util/openstack/network.go: what the service can do.
  ['GET', '/extensions'],
  // pkg/openstack/instances.go, instances_addresses.go: addresses of servers.
  ['GET', '/ports'],
  ['GET', '/ports/*'],
  ['GET', '/networks'],
  ['GET', '/networks/*'],
  // pkg/openstack/loadbalancer.go: where load balancers stand, and their floating IPs.
  ['GET', '/subnets'],
  ['GET', '/subnets/*'],
  ['GET POST', '/floatingips'],
  ['PUT DELETE', '/floatingips/*'],
  // pkg/openstack/loadbalancer_sg.go, with manage-security-groups.
  ['PUT', '/ports/*'],
  ['DELETE', '/ports/*/tags/*'],
  ['GET POST', '/security-groups'],
  ['DELETE', '/security-groups/*'],
  ['GET POST', '/security-group-rules'],
  ['DELETE', '/security-group-rules/*'],
]

/** pkg/util/openstack/loadbalancer.go, loadbalancer_serial.go. */
const balancer: readonly Calls[] = [
  ['GET POST', '/lbaas/loadbalancers'],
  ['GET PUT DELETE', '/lbaas/loadbalancers/*'],
  ['GET POST', '/lbaas/listeners'],
  ['PUT DELETE', '/lbaas/listeners/*'],
  ['GET POST', '/lbaas/pools'],
  ['PUT DELETE', '/lbaas/pools/*'],
  ['GET POST PUT', '/lbaas/pools/*/members'],
  ['DELETE', '/lbaas/pools/*/members/*'],
  ['POST', '/lbaas/healthmonitors'],
  ['GET PUT DELETE', '/lbaas/healthmonitors/*'],
]

/** pkg/csi/cinder/openstack/openstack_volumes.go, openstack_snapshots.go; the action is os-extend. */
const volume: readonly Calls[] = [
  ['POST', '/volumes'],
  ['GET', '/volumes/detail'],
  ['GET DELETE', '/volumes/*'],
  ['POST', '/volumes/*/action'],
  ['GET POST', '/snapshots'],
  ['GET DELETE', '/snapshots/*'],
]

/** By type in the catalog. `version` is what clients put behind an endpoint that does not end with it. */
const services: Readonly<Record<string, { readonly calls: readonly Calls[]; readonly version?: string }>> = {
  compute: { calls: compute },
  network: { calls: network, version: '/v2.0' },
  'load-balancer': { calls: balancer, version: '/v2.0' },
  'block-storage': { calls: volume },
  volumev3: { calls: volume },
}

/** `endpoints`: URL as nodes reach it, by type of the service. */
export function accessRules(endpoints: Readonly<Record<string, string>>): readonly AccessRule[] {
  return Object.entries(services).flatMap(([service, { calls, version = '' }]) => {
    const url = endpoints[service]
    if (url === undefined) return []
    const path = new URL(url).pathname.replace(/\/+$/, '')
    const base = path.endsWith(version) ? path : `${path}${version}`
    return calls.flatMap(([methods, below]) =>
      methods.split(' ').map((method) => ({ service, method, path: `${base}${below}` })),
    )
  })
}
