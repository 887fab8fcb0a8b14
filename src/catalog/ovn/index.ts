import {
  type BuildContext,
  type Component,
  component,
  computeRoles,
  configDir,
  onNode,
  type ServiceDefinition,
  type ServiceParts,
  type VolumeSpec,
} from '../model.ts'
import { text } from '../text.ts'
import { ovsdbEnv } from '../tls.ts'
import { images } from './images.ts'

const script = (name: string) => ({ [`${configDir}/${name}`]: { text: text(import.meta.url, `./${name}`) } })

const nodeEnv = { NODE_NAME: { field: 'spec.nodeName' }, NODE_IP: { field: 'status.hostIP' } } as const

const volumes: readonly VolumeSpec[] = [
  { kind: 'host', name: 'run-openvswitch', path: '/run/openvswitch', mountPath: '/run/openvswitch' },
  { kind: 'host', name: 'etc-openvswitch', path: '/var/lib/croque/openvswitch', mountPath: '/etc/openvswitch' },
  { kind: 'host', name: 'run-ovn', path: '/run/ovn', mountPath: '/run/ovn' },
]

function database(context: BuildContext, which: 'nb' | 'sb', port: number): Component {
  return {
    name: which,
    kind: 'statefulset',
    summary: `the ${which === 'nb' ? 'northbound' : 'southbound'} database`,
    image: 'ovn',
    command: ['sh', `${configDir}/database.sh`, which, String(port)],
    user: 'root',
    root: 'the database and run directories of the OVN image belong to root',
    placement: ['control'],
    replicas: 1,
    priority: 'infrastructure',
    ports: [{ name: 'ovsdb', port }],
    files: script('database.sh'),
    env: ovsdbEnv(context),
    volumes: [{ kind: 'claim', name: 'data', mountPath: '/var/lib/ovn', size: '1Gi' }],
    needs: [],
    resources: { cpu: '20m', memory: '32Mi' },
    probes: { ready: { tcp: port }, periodSeconds: 2 },
  }
}

/** An agent of every node that carries guests or routers; its Pod is replaced only when somebody deletes it, for guests live on it. */
const agent = (context: BuildContext) =>
  ({
    kind: 'daemonset',
    image: 'ovn',
    user: 'root',
    placement: [...computeRoles(context), 'network'],
    hostNetwork: true,
    update: 'delete',
    priority: 'infrastructure',
    env: nodeEnv,
    volumes,
    resources: { cpu: '20m', memory: '32Mi' },
  }) as const satisfies Partial<Component>

function controller(context: BuildContext, gateway: boolean): Component {
  const { provider } = context
  return {
    ...agent(context),
    name: gateway ? 'gateway' : 'controller',
    summary: gateway
      ? 'ovn-controller of a node that carries routers and floating IPs'
      : 'ovn-controller of a compute node',
    command: ['sh', `${configDir}/controller.sh`, gateway ? 'yes' : 'no'],
    privileged: 'programs the flows of the node and the address of its provider bridge',
    placement: gateway ? ['network'] : computeRoles(context),
    ...(gateway ? {} : { notOn: ['network'] as const }),
    files: { ...script('controller.sh'), ...script('bridges.sh'), ...script('guests.sh') },
    env: {
      ...nodeEnv,
      ...ovsdbEnv(context),
      DATAPATH: context.datapath,
      BRIDGE: provider.bridge,
      BRIDGE_ADDRESS: `${provider.gateway}/${provider.prefixLength}`,
      PUBLIC_PORT: String(context.publicPort),
      ...(context.tunnelInterface === undefined || context.datapath !== 'netdev'
        ? {}
        : { TUNNEL_INTERFACE: context.tunnelInterface }),
      PHYSICAL_NETWORK: provider.physicalNetwork,
    },
    needs: [component('ovn/sb'), onNode('ovn/ovsdb'), onNode('ovn/vswitchd')],
    probes: {
      ready: {
        exec: [
          'sh',
          '-c',
          'ovn-appctl --timeout=3 -t /run/ovn/ovn-controller.ctl connection-status | grep -q ^connected',
        ],
      },
      live: false,
    },
    // Its flows stay when it goes, so a new one may take over at once.
    update: 'rolling',
    // Without --restart the controller takes the node's flows and its chassis record away with it.
    preStop: ['ovn-appctl', '--timeout=5', '-t', '/run/ovn/ovn-controller.ctl', 'exit', '--restart'],
  }
}

function build(context: BuildContext): ServiceParts {
  return {
    components: [
      database(context, 'nb', 6641),
      database(context, 'sb', 6642),
      {
        name: 'northd',
        kind: 'deployment',
        summary: 'translates networks and routers into flows',
        image: 'ovn',
        command: ['sh', `${configDir}/northd.sh`],
        files: script('northd.sh'),
        env: ovsdbEnv(context),
        user: 'root',
        root: 'the run directory of the OVN image belongs to root',
        placement: ['control'],
        replicas: 1,
        priority: 'infrastructure',
        volumes: [{ kind: 'empty', name: 'run', mountPath: '/run/ovn', memory: true }],
        needs: [component('ovn/nb'), component('ovn/sb')],
        resources: { cpu: '20m', memory: '32Mi' },
        probes: {
          ready: { exec: ['ovn-appctl', '--timeout=3', '-t', '/run/ovn/ovn-northd.ctl', 'status'] },
        },
      },
      {
        ...agent(context),
        name: 'ovsdb',
        summary: "the node's Open vSwitch database",
        command: ['sh', `${configDir}/ovsdb.sh`],
        privileged: "owns the configuration of the node's switch",
        files: script('ovsdb.sh'),
        needs: [],
        probes: { ready: { exec: ['ovs-vsctl', '--timeout=3', '--no-wait', 'show'] }, live: false },
      },
      {
        ...agent(context),
        name: 'vswitchd',
        summary: "the node's switch",
        command: ['sh', `${configDir}/vswitchd.sh`],
        privileged: 'makes interfaces in the network namespace of the node',
        files: { ...script('vswitchd.sh'), ...script('bridges.sh'), ...script('taps.sh') },
        volumes: [
          ...volumes,
          { kind: 'host', name: 'dev-net', path: '/dev/net', mountPath: '/dev/net', type: 'Directory' },
        ],
        needs: [onNode('ovn/ovsdb')],
        probes: {
          ready: { exec: ['ovs-appctl', '--timeout=3', '-t', '/run/openvswitch/ovs-vswitchd.ctl', 'version'] },
          live: false,
        },
      },
      controller(context, true),
      controller(context, false),
    ],
    leaveNode: `BRIDGE=${context.provider.bridge}\n${text(import.meta.url, './leave-node.sh')}`,
  }
}

export const ovn: ServiceDefinition = {
  name: 'ovn',
  summary: 'OVN and Open vSwitch, the virtual network',
  optionLists: {},
  images,
  declares: () => ({}),
  build,
}
