/** Which folder of `src` may import which; `errors` may be imported by all. The command line may import everything. */
export const table: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  secrecy: [],
  spec: ['oslo', 'policy', 'secrecy'],
  dag: [],
  oslo: [],
  policy: [],
  pki: [],
  host: [],
  kube: [],
  openstack: [],
  images: ['host'],
  catalog: ['openstack'],
  render: ['catalog', 'kube', 'oslo', 'policy', 'spec'],
  engine: ['dag', 'kube', 'pki', 'render', 'secrecy'],
  underlay: ['host', 'kube'],
  views: ['engine'],
}
