/** Which folder of `src` may import which; `errors` may be imported by all. The command line may import everything. */
export const table: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  secrecy: [],
  spec: ['oslo', 'secrecy'],
  dag: [],
  oslo: [],
  pki: [],
  host: [],
  kube: [],
  openstack: [],
  images: ['host'],
  catalog: ['openstack'],
  render: ['catalog', 'kube', 'oslo', 'spec'],
  engine: ['dag', 'kube', 'pki', 'render', 'secrecy'],
  underlay: ['host', 'kube'],
  views: ['engine'],
}
