/** Every command of the program. Adding one: an entry here and a module in `commands/` that exports `run`. */
import type { Command, OptionSpec } from './command.ts'

const file: OptionSpec = {
  short: 'f',
  value: 'FILE',
  help: 'the Cloud document',
  default: 'the embedded cloud on this machine',
}
/** For what is here already. */
const present: OptionSpec = { ...file, default: 'the one of the last up' }
const name: OptionSpec = { value: 'NAME', help: 'which cloud', default: 'the only one here' }
/** Seconds that `spec.timeouts` allows at most. */
const week = 604_800
const yes: OptionSpec = { short: 'y', help: 'do not ask' }

export const commands: readonly Command[] = [
  {
    name: 'up',
    group: 'cloud',
    summary: 'Bring up the cloud, or bring it in line with its document',
    description:
      'Makes the Kubernetes underlay, the images and the cloud, then verifies it through its public APIs.\nRunning it again changes only what differs; after an interruption it goes on from where it was.',
    options: {
      file,
      timeout: {
        value: 'SECONDS',
        help: 'give up the wait for one part after so long',
        default: 'spec.timeouts.unit',
        between: [1, week],
      },
      'skip-verify': { help: 'leave the verification out: no server is made at the end' },
    },
    examples: ['up', 'up --file cloud.yaml'],
    load: () => import('./commands/up.ts'),
  },
  {
    name: 'plan',
    group: 'cloud',
    summary: 'Show what `up` would change, and why',
    description: 'Exits 0 when there is nothing to change, 2 when there is, 1 after an error.',
    options: { file },
    examples: ['plan', 'plan --file cloud.yaml --output json'],
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'render',
    group: 'cloud',
    summary: 'Print the Kubernetes objects of a document',
    description:
      'The same document always gives the same bytes, on the same nodes: what a given cluster has said of them is asked, and a registry that the images come from for their\ndigests. Generated secrets are not part of it unless asked for:\nwith them `kubectl apply` makes a whole cloud, all at once and in any order, but for its first content.',
    options: {
      file,
      'generate-secrets': {
        help: 'also print the Secrets, with new random values each time: for applying by hand, once',
      },
      'admin-role': {
        help: 'print instead what whoever runs croque must be allowed to do on the cluster of somebody else',
      },
    },
    examples: [
      'render',
      'render --file cloud.yaml > objects.yaml',
      'render --generate-secrets > objects.yaml',
      'render --admin-role --file cloud.yaml > roles.yaml',
    ],
    load: () => import('./commands/render.ts'),
  },
  {
    name: 'node',
    group: 'cloud',
    summary: 'Show which node does what, decide it by labels, empty a node for work on it',
    description:
      'list: all nodes with their roles. label NODE ROLES: gives a node these roles and no others; none takes all away.\nlabel alone: proposes a placement for nodes without roles; with --yes it is done.\ndrain NODE: moves what runs there to other nodes (servers by live migration) and ends its Pods; uncordon NODE: takes it back.\n  It stops where something cannot move; with --yes it goes on.',
    arguments: [
      { name: 'ACTION', help: 'one of', required: true, choices: ['list', 'label', 'drain', 'uncordon'] },
      { name: 'NODE', help: 'name of a node' },
      { name: 'ROLES', help: 'out of control, network, compute, storage, joined by commas; or none' },
    ],
    options: { file: present, name, yes },
    examples: [
      'node list',
      'node label worker-1 control,network',
      'node label --file cloud.yaml',
      'node drain worker-1',
    ],
    load: () => import('./commands/node.ts'),
  },
  {
    name: 'status',
    group: 'cloud',
    summary: 'Show what is healthy and what waits for what',
    options: { name, watch: { short: 'w', help: 'keep showing it until Ctrl-C' } },
    examples: ['status', 'status --watch'],
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'verify',
    group: 'cloud',
    summary: 'Try the cloud through its public APIs: token, image, network, server',
    options: { file: present, name },
    examples: ['verify'],
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'down',
    group: 'cloud',
    summary: 'Remove the cloud and its underlay; the machine is as it was found',
    description:
      'Asks first when there are servers or volumes. Works on a half-made installation too.\nOn a cluster of somebody else only what carries the labels of the cloud goes.',
    options: { file: present, name, yes, purge: { help: 'also empty the caches (images, Kubernetes, Node)' } },
    examples: ['down', 'down --yes --purge'],
    load: () => import('./commands/down.ts'),
  },
  {
    name: 'image',
    group: 'cloud',
    summary: 'List, build and push the container images, or print what is in one',
    description:
      'list: every image with its reference, digest and compressed size, and whether it is built.\nbuild: makes what is missing of the images, as `up` does.\npush: builds what is missing and brings the images into the registry of the document; run again, it sends only what is missing.\n  Credentials come from $REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers/auth.json or ~/.docker/config.json (`podman login`, `docker login`),\n  or from the Secret that spec.images.credentials names.\nsbom: prints the bill of materials of one image (SPDX).\nWithout IMAGE it is every image of the release. With spec.images.source: kolla there is only list: the images are not ours to build, push or describe.',
    arguments: [
      { name: 'ACTION', help: 'one of', required: true, choices: ['list', 'build', 'push', 'sbom'] },
      { name: 'IMAGE', help: 'only these images, by name', repeat: true },
    ],
    options: {
      file,
      registry: { value: 'REGISTRY', help: 'push to this one, HOST[:PORT][/PREFIX]', default: 'spec.images.registry' },
      ca: { value: 'FILE', help: 'PEM certificate of the CA of the registry to push to', default: 'spec.images.ca' },
    },
    examples: [
      'image list',
      'image build openstack compute',
      'image push --registry registry.example.org:5000/croque',
      'image sbom openstack > openstack.spdx.json',
    ],
    load: () => import('./commands/image.ts'),
  },
  {
    name: 'node-image',
    group: 'cloud',
    summary: 'List, build and import the node images of tenant clusters',
    description:
      'list: every version of Kubernetes, and swarm, with whether its image is built here and in the cloud.\nbuild VERSION: makes the image: one root file system with all that a node of a cluster needs, so that none needs a registry, and\n  kernel and ramdisk for virtual machines. The first one takes many minutes.\nimport VERSION: builds it where it is missing and brings it into the image service, for all projects; what is there is not sent again.\n  Where the cloud offers clusters, one for the hosts of their nodes comes with a cluster template for everybody: kubernetes, or kubernetes-VERSION.\nWith --whole-disk it is one disk that boots by itself, by BIOS and by UEFI, for clouds that take no kernel beside an image;\n  its file can be brought to other clouds by hand.',
    arguments: [
      { name: 'ACTION', help: 'one of', required: true, choices: ['list', 'build', 'import'] },
      { name: 'VERSION', help: 'of Kubernetes, for example v1.35.4; or swarm, for nodes with Docker' },
    ],
    options: {
      file: present,
      name,
      hypervisor: {
        value: 'HYPERVISOR',
        help: 'import for hosts of this kind; qemu is for KVM too',
        choices: ['lxc', 'qemu'],
        default: 'lxc where the cloud has such hosts, else qemu',
      },
      'whole-disk': { help: 'build or import it as a disk that boots by itself; for hosts of the kind qemu' },
    },
    examples: [
      'node-image list',
      'node-image build v1.35.4',
      'node-image import v1.35.4 --hypervisor qemu',
      'node-image build v1.35.4 --whole-disk',
    ],
    load: () => import('./commands/node-image.ts'),
  },
  {
    name: 'cluster',
    group: 'use',
    summary: 'Make, use and change Kubernetes clusters on the cloud',
    description:
      "create NAME: makes a cluster of a template; resize NAME NODES; upgrade NAME TEMPLATE; delete NAME. Each waits until it is done and shows what it\n  waits for; Ctrl-C ends the watching only.\nlist; show NAME: with node groups and nodes.\nkubeconfig NAME: an administrator's, whose key is made here; it works on this machine: where the cloud's networks live on it, by a port of 127.0.0.1.\nkubectl NAME -- ARGUMENT...: runs kubectl with such a one.\nIt all goes through the public API, as the administrator of the cloud; `openstack coe cluster` and other clients do the same.",
    arguments: [
      {
        name: 'ACTION',
        help: 'one of',
        required: true,
        choices: ['create', 'list', 'show', 'kubeconfig', 'kubectl', 'resize', 'upgrade', 'delete'],
      },
      { name: 'NAME', help: 'of the cluster, or its id' },
      { name: 'ARGUMENT', help: 'what the action takes beside it', repeat: true },
    ],
    options: {
      file: present,
      name,
      template: { value: 'TEMPLATE', help: 'create: what it is made of', default: 'kubernetes' },
      'node-count': { value: 'NODES', help: 'create: how many nodes', default: '1', between: [0, 10_000] },
      'master-count': { value: 'MASTERS', help: 'create: how many masters', default: '1', between: [1, 99] },
      flavor: { value: 'FLAVOR', help: 'create: of the nodes', default: "the template's" },
      'master-flavor': { value: 'FLAVOR', help: 'create: of the masters', default: "the template's" },
      keypair: { value: 'KEYPAIR', help: 'create: who may log in to the nodes', default: "the template's" },
      label: { value: 'KEY=VALUE', help: "create: over the template's labels", repeat: true },
      timeout: { value: 'MINUTES', help: 'create: fails when it takes longer', default: '60', between: [0, 10_080] },
      nodegroup: {
        value: 'GROUP',
        help: 'resize: which one; upgrade: only this one',
        default: 'the first of the workers; all',
      },
      remove: { value: 'NODE', help: 'resize: goes first; address or id of a server', repeat: true },
      'max-batch-size': { value: 'NODES', help: 'upgrade: how many at once', default: '1', between: [1, 1000] },
      to: { value: 'FILE', help: 'kubeconfig: write it there, for its owner only', default: 'standard output' },
      'no-wait': { help: 'do not wait for the end' },
    },
    examples: [
      'cluster create demo',
      'cluster create big --node-count 3 --label availability_zone=nova',
      'cluster kubectl demo -- get nodes',
      'cluster kubeconfig demo --to demo.kubeconfig',
      'cluster resize demo 3',
      'cluster delete demo',
    ],
    load: () => import('./commands/cluster.ts'),
  },
  {
    name: 'openstack',
    group: 'use',
    summary: 'Run the openstack client as the administrator of the cloud',
    passThrough: true,
    arguments: [{ name: 'ARGUMENT', help: 'goes to the openstack client untouched', repeat: true }],
    examples: ['openstack server list', 'openstack --help'],
    load: () => import('./commands/openstack.ts'),
  },
  {
    name: 'kubectl',
    group: 'use',
    summary: 'Run kubectl against the underlay',
    passThrough: true,
    arguments: [{ name: 'ARGUMENT', help: 'goes to kubectl untouched', repeat: true }],
    examples: ['kubectl get pods -A'],
    load: () => import('./commands/kubectl.ts'),
  },
  {
    name: 'openrc',
    group: 'use',
    summary: 'Print shell variables for the openstack client',
    options: { name },
    examples: ['openrc', 'openrc > admin-openrc.sh'],
    load: () => import('./commands/openrc.ts'),
  },
  {
    name: 'clouds.yaml',
    group: 'use',
    summary: 'Print a clouds.yaml for the openstack client, Terraform and SDKs',
    options: { name },
    examples: ['clouds.yaml > ~/.config/openstack/clouds.yaml'],
    load: () => import('./commands/clouds-yaml.ts'),
  },
  {
    name: 'kubeconfig',
    group: 'use',
    summary: 'Print a kubeconfig of the underlay',
    options: { name },
    examples: ['kubeconfig > ~/.kube/config'],
    load: () => import('./commands/kubeconfig.ts'),
  },
  {
    name: 'logs',
    group: 'use',
    summary: 'Show the logs of a service or of one component',
    arguments: [{ name: 'SERVICE[/COMPONENT]', help: 'for example nova or nova/conductor', required: true }],
    options: {
      name,
      follow: { short: 'f', help: 'keep showing new lines until Ctrl-C' },
      tail: { value: 'LINES', help: 'how many lines of each Pod', default: '100', between: [0, 1_000_000] },
    },
    examples: ['logs keystone', 'logs nova/compute --follow'],
    load: () => import('./commands/logs.ts'),
  },
  {
    name: 'shell',
    group: 'use',
    summary: 'Open a shell with the clients and the credentials of the cloud',
    passThrough: true,
    arguments: [{ name: 'ARGUMENT', help: 'a command to run in it instead', repeat: true }],
    examples: ['shell', "shell 'openstack server list && openstack image list'"],
    load: () => import('./commands/shell.ts'),
  },
  {
    name: 'version',
    group: 'project',
    summary: 'Print the version of croque, with the commit of its checkout',
    description: '`./croque --version` does the same.',
    examples: ['version', 'version --output json'],
    load: () => import('./commands/version.ts'),
  },
  {
    name: 'schema',
    group: 'project',
    summary: 'Print the JSON Schema of the Cloud document, for editors',
    examples: ['schema > cloud.schema.json'],
    load: () => import('./commands/schema.ts'),
  },
  {
    name: 'completion',
    group: 'project',
    summary: 'Print a completion script for a shell',
    arguments: [{ name: 'SHELL', help: 'one of', required: true, choices: ['bash', 'zsh', 'fish'] }],
    examples: ['completion bash > /etc/bash_completion.d/croque'],
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'docs',
    group: 'project',
    summary: 'Write the reference pages in docs/reference from the tables',
    options: { check: { help: 'write nothing; fail when a page is stale' } },
    examples: ['docs', 'docs --check'],
    load: () => import('./commands/docs.ts'),
  },
  {
    name: 'api',
    group: 'project',
    summary: 'Serve the API of clusters (Magnum) in the foreground, for tests and development',
    description:
      'State is kept on the API server of a kubeconfig, in the namespace that kubernetes.namespace names; kinds that are missing there are made.\nThe configuration is YAML: docs/reference/magnum-config.md has every option. Each may also come by the environment, as\nOS_<SECTION>__<OPTION>: passwords best do. A cloud has it as its service container-infra anyway.',
    options: {
      kubeconfig: { value: 'FILE', help: 'where the state is kept', default: '$KUBECONFIG, or ~/.kube/config' },
      context: { value: 'NAME', help: 'context of the kubeconfig', default: 'its current one' },
      config: { value: 'FILE', help: 'the configuration', default: 'the defaults' },
    },
    examples: ['api --kubeconfig admin.conf --config magnum.yaml', 'api --config magnum.yaml --output json'],
    load: () => import('./commands/api.ts'),
  },
  {
    name: 'test',
    group: 'project',
    summary: "Run the project's own tests",
    description:
      'Runs lint, types, unused code, unit, integration and e2e, in this order. A level that this machine cannot run is skipped with\nits reason; with CI=true in the environment that is a failure. The last line is `N passed, N failed, N skipped`.',
    arguments: [{ name: 'FILTER', help: 'only test files whose path contains one of these', repeat: true }],
    options: {
      level: {
        short: 'l',
        value: 'LEVELS',
        help: 'comma-separated levels, out of lint, types, unused, unit, integration, e2e',
        default: 'all',
      },
      update: { short: 'u', help: 'write golden files anew instead of comparing' },
    },
    examples: ['test', 'test --level unit dag', 'test --level unit --update'],
    load: () => import('./commands/test.ts'),
  },
  {
    name: 'bench',
    group: 'project',
    summary: 'Measure the figures of the README, as a table',
    arguments: [{ name: 'NAME', help: 'only this benchmark' }],
    examples: ['bench', 'bench startup'],
    load: () => import('./commands/bench.ts'),
  },
]
