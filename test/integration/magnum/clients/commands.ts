/** Every command of `openstack coe` at least once, in an order in which each finds what it needs. */
export interface Command {
  /** Words after `openstack`; `{dir}` is a directory of the test, `{project}` the caller's project. */
  readonly words: string
  /** Who calls. @default 'member' */
  readonly as?: 'member' | 'admin'
  /** Somewhere in what it prints. */
  readonly says: RegExp
  /** @default 0 */
  readonly code?: number
  /** What it began is brought to its good end before the next. */
  readonly settle?: boolean
}

const template = 'coe cluster template'

export const commands: readonly Command[] = [
  { words: 'coe service list', as: 'admin', says: /magnum-conductor.*\bup\b|\bup\b.*magnum-conductor/ },
  { words: 'coe service list', says: /Policy doesn't allow/, code: 1 },
  {
    words: `${template} create small --coe kubernetes --image coreos --external-network public --keypair key --flavor m1.small --master-flavor m1.medium --labels kube_tag=v1.35.0,a=b --tags one,two --dns-nameserver 8.8.8.8 --network-driver calico --volume-driver cinder --docker-volume-size 5 --docker-storage-driver overlay2 --http-proxy http://p:1 --https-proxy http://p:2 --no-proxy x --insecure-registry r:5000 --server-type vm --master-lb-enabled --registry-enabled --floating-ip-disabled`,
    says: /\| labels +\| .*'a': 'b'/,
  },
  {
    words: `${template} create other --coe kubernetes --image coreos --external-network public --flavor m1.small --master-flavor m1.small --tls-disabled`,
    says: /\| tls_disabled +\| True/,
  },
  {
    words: `${template} create common --coe kubernetes --image coreos --external-network public --flavor m1.small --master-flavor m1.small --public --hidden`,
    as: 'admin',
    says: /\| hidden +\| True/,
  },
  {
    words: `${template} create wrong --coe kubernetes --image missing --external-network public --flavor m1.small --master-flavor m1.small`,
    says: /Image missing could not be found|not supported/,
    code: 1,
  },
  {
    words: `${template} create dead --coe mesos --image coreos --external-network public --flavor m1.small --master-flavor m1.small`,
    // Magnum's own sentence, or ours.
    says: /field\/attribute coe|Mesos and DC\/OS are dead upstream and gone from Magnum; use kubernetes/,
    code: 1,
  },
  { words: `${template} list`, says: /small/ },
  { words: `${template} list --limit 1 --sort-key name --sort-dir desc --fields coe,image_id`, says: /kubernetes/ },
  { words: `${template} show small`, says: /\| network_driver +\| calico/ },
  { words: `${template} show missing`, says: /could not be found/, code: 1 },
  { words: `${template} update other replace name=renamed tags=x`, says: /\| name +\| renamed/ },
  { words: `${template} update renamed add labels/k=v`, says: /'k': 'v'/ },
  { words: `${template} update renamed remove labels/k`, says: /\| labels +\| \{\}/ },
  {
    words:
      'coe cluster create demo --cluster-template small --node-count 2 --master-count 1 --timeout 30 --keypair key --labels c=d --merge-labels --flavor m1.medium --docker-volume-size 6',
    says: /Request to create cluster [0-9a-f-]{36} accepted/,
    settle: true,
  },
  {
    words: 'coe cluster create plain --cluster-template renamed',
    says: /accepted/,
    settle: true,
  },
  { words: 'coe cluster create nothing --cluster-template missing', says: /could not be found/, code: 1 },
  { words: 'coe cluster list', says: /demo.*CREATE_COMPLETE/ },
  { words: 'coe cluster list --limit 1 --sort-key name --sort-dir desc', says: /plain/ },
  { words: 'coe cluster show demo', says: /\| labels +\| .*'c': 'd'/ },
  { words: 'coe cluster show missing', says: /could not be found/, code: 1 },
  {
    words: 'coe cluster update demo replace node_count=3',
    says: /Request to update cluster demo has been accepted/,
    settle: true,
  },
  { words: 'coe cluster update demo replace node_count=2 --rollback', says: /has been accepted/, settle: true },
  { words: 'coe cluster update demo replace name=x', says: /cannot change cluster property/, code: 1 },
  { words: 'coe cluster resize demo 3', says: /Request to resize cluster demo has been accepted/, settle: true },
  {
    words: 'coe cluster resize demo 2 --nodegroup default-worker --nodes-to-remove 0',
    says: /has been accepted/,
    settle: true,
  },
  { words: 'coe cluster upgrade demo small', says: /Request to upgrade cluster demo has been accepted/, settle: true },
  {
    words: 'coe cluster upgrade demo small --max-batch-size 2 --nodegroup default-worker',
    says: /has been accepted/,
    settle: true,
  },
  { words: 'coe cluster config demo --dir {dir}/inline', says: /export KUBECONFIG=.*inline\/config/ },
  { words: 'coe cluster config demo --dir {dir}/inline', says: /File .* exists|already exists/, code: 1 },
  { words: 'coe cluster config demo --dir {dir}/inline --force', says: /export KUBECONFIG/ },
  { words: 'coe cluster config demo --dir {dir}/files --output-certs', says: /export KUBECONFIG/ },
  { words: 'coe cluster config demo --dir {dir}/keystone --use-keystone', says: /export KUBECONFIG/ },
  { words: 'coe cluster config plain --dir {dir}/plain', says: /export KUBECONFIG/ },
  { words: 'coe ca show demo', says: /BEGIN CERTIFICATE/ },
  { words: 'coe ca sign demo {dir}/request.csr', says: /BEGIN CERTIFICATE/ },
  { words: 'coe ca rotate demo', says: /Request to rotate the CA certificate for cluster/, settle: true },
  { words: 'coe ca rotate plain', says: /Rotating the CA certificate on a non-TLS|TLS|tls/, code: 1 },
  { words: 'coe credential rotate demo', says: /accepted|rotate/, settle: true },
  {
    words:
      'coe nodegroup create demo extra --node-count 1 --min-nodes 1 --max-nodes 4 --role worker --flavor m1.small --image coreos --labels x=y --merge-labels --docker-volume-size 5',
    says: /Request to create nodegroup [0-9a-f-]{36} accepted/,
    settle: true,
  },
  { words: 'coe nodegroup create demo extra', says: /already exists/, code: 1 },
  { words: 'coe nodegroup list demo', says: /extra/ },
  { words: 'coe nodegroup list demo --role master --limit 5 --sort-key name --sort-dir asc', says: /default-master/ },
  { words: 'coe nodegroup show demo extra', says: /\| max_node_count +\| 4/ },
  {
    words: 'coe nodegroup update demo extra replace max_node_count=5',
    says: /Request to update nodegroup extra has been accepted/,
    settle: true,
  },
  {
    words: 'coe nodegroup delete demo extra',
    says: /Request to delete nodegroup extra has been accepted/,
    settle: true,
  },
  { words: 'coe nodegroup delete demo default-worker', says: /Deleting a default nodegroup is not supported/, code: 1 },
  {
    words: 'coe quotas create --project-id {project} --resource Cluster --hard-limit 9',
    as: 'admin',
    says: /hard_limit.*9/s,
  },
  {
    words: 'coe quotas create --project-id {project} --resource Cluster --hard-limit 9',
    as: 'admin',
    says: /already exists/,
  },
  { words: 'coe quotas show --project-id {project} --resource Cluster', says: /hard_limit.*9/s },
  {
    words: 'coe quotas update --project-id {project} --resource Cluster --hard-limit 8',
    as: 'admin',
    says: /hard_limit.*8/s,
  },
  { words: 'coe quotas list', says: /Policy doesn't allow/, code: 1 },
  { words: 'coe quotas list', as: 'admin', says: /hard_limit/ },
  { words: 'coe quotas list --all-tenants --limit 10 --sort-key id --sort-dir asc', as: 'admin', says: /\| 8 +\|/ },
  {
    words: 'coe quotas delete --project-id {project} --resource Cluster',
    as: 'admin',
    says: /Request to delete quota for project/,
  },
  { words: 'coe stats list {project}', says: /\| clusters +\| 2/ },
  { words: `${template} delete small`, says: /referenced by one or multiple clusters/ },
  { words: 'coe cluster delete demo plain', says: /Request to delete cluster plain has been accepted/, settle: true },
  { words: 'coe cluster list', says: /^\s*$/ },
  { words: `${template} delete small renamed`, says: /Request to delete cluster template renamed has been accepted/ },
]
