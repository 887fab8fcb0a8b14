/** What labels say of the programs of a control plane, and of kube-proxy. */
import { labelIsTrue } from '../../rules/index.ts'
import { CloudRefusal } from './cloud.ts'
import { type Flag, flagsOf, listOf } from './flags.ts'

type Labels = Readonly<Record<string, string>>

export interface ControlPlaneSettings {
  readonly apiServer: readonly Flag[]
  /** Further names in its certificate. */
  readonly apiNames: readonly string[]
  readonly audited: boolean
  readonly controllerManager: readonly Flag[]
  readonly scheduler: readonly Flag[]
  /** Over its configuration. */
  readonly kubeProxy: Readonly<Record<string, unknown>>
}

const apiServerOwn = [
  ...['advertise-address', 'secure-port', 'service-cluster-ip-range', 'client-ca-file', 'tls-cert-file'],
  ...['tls-private-key-file', 'service-account-key-file', 'service-account-signing-key-file'],
  ...['etcd-', 'kubelet-client-', 'proxy-client-', 'requestheader-', 'authentication-token-webhook-', 'authorization-'],
]
const kubeconfigs = ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig']
const controllerManagerOwn = [
  ...[...kubeconfigs, 'client-ca-file', 'root-ca-file', 'cluster-cidr', 'service-cluster-ip-range', 'cluster-name'],
  ...[
    'allocate-node-cidrs',
    'node-cidr-mask-size',
    'service-account-private-key-file',
    'cluster-signing-',
    'requestheader-',
  ],
]

/** @throws CloudRefusal */
export function controlPlaneOf(labels: Labels): ControlPlaneSettings {
  const names = listOf(labels['api_server_cert_sans'])
  const odd = names.find((name) => !/^[a-z\d]([a-z\d.:-]*[a-z\d])?$/i.test(name))
  if (odd !== undefined)
    throw new CloudRefusal(`Label api_server_cert_sans takes host names and addresses, and not ${odd}`)
  return {
    apiServer: apiServerFlags(labels),
    apiNames: names,
    audited: isAudited(labels),
    controllerManager: flagsOf(labels, 'kubecontroller_options', controllerManagerOwn),
    scheduler: flagsOf(labels, 'kubescheduler_options', kubeconfigs),
    kubeProxy: kubeProxyOf(labels),
  }
}

const isAudited = (labels: Labels): boolean => labelIsTrue(labels['audit_log_enabled'] ?? '')

const oidc = ['issuer_url', 'client_id', 'username_claim', 'username_prefix', 'groups_claim', 'groups_prefix']
const auditLimits = { age: '30', backup: '10', size: '100' }
export const auditPolicyFile = '/etc/kubernetes/audit-policy.yaml'
export const auditDirectory = '/var/log/kubernetes'

/** What is said for itself comes after what is said by `kubeapi_options`; of two, kubeadm takes the last. */
function apiServerFlags(labels: Labels): readonly Flag[] {
  const [admission, given] = parted(flagsOf(labels, 'kubeapi_options', apiServerOwn))
  const plugins = admissionPlugins([...listOf(labels['admission_control_list']), ...admission])
  const ciphers = listOf(labels['api_server_tls_cipher_suites'])
  const isTrusting = (labels['oidc_issuer_url'] ?? '') !== ''
  if (isTrusting && (labels['oidc_client_id'] ?? '') === '')
    throw new CloudRefusal(
      'Label oidc_issuer_url needs oidc_client_id beside it: an API server does not start with one alone',
    )
  return [
    ...given,
    ...(plugins.length === 0
      ? []
      : [
          {
            name: admissionFlag,
            value: ['NodeRestriction', ...plugins.filter((each) => each !== 'NodeRestriction')].join(),
          },
        ]),
    ...(ciphers.length === 0 ? [] : [{ name: 'tls-cipher-suites', value: ciphers.join() }]),
    ...(isTrusting ? oidc.flatMap((name) => flagOf(`oidc-${name.replaceAll('_', '-')}`, labels[`oidc_${name}`])) : []),
    ...(isAudited(labels)
      ? [
          { name: 'audit-policy-file', value: auditPolicyFile },
          { name: 'audit-log-path', value: `${auditDirectory}/audit.log` },
          ...Object.entries(auditLimits).map(([name, usual]) => ({
            name: `audit-log-max${name}`,
            value: (labels[`audit_log_max_${name}`] ?? usual).trim(),
          })),
        ]
      : []),
  ]
}

const flagOf = (name: string, value: string | undefined): readonly Flag[] =>
  value === undefined || value === '' ? [] : [{ name, value }]

const admissionFlag = 'enable-admission-plugins'

function parted(flags: readonly Flag[]): readonly [plugins: readonly string[], others: readonly Flag[]] {
  const isAdmission = ({ name }: Flag): boolean => name === admissionFlag || name === 'admission-control'
  return [flags.filter(isAdmission).flatMap(({ value }) => listOf(value)), flags.filter((flag) => !isAdmission(flag))]
}

/** k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go, without those that need a file of their own. */
const knownPlugins = new Set(
  `AlwaysPullImages CertificateApproval CertificateSigning CertificateSubjectRestriction ClusterTrustBundleAttest DefaultIngressClass
   DefaultStorageClass DefaultTolerationSeconds DenyServiceExternalIPs ExtendedResourceToleration LimitPodHardAntiAffinityTopology
   LimitRanger MutatingAdmissionPolicy MutatingAdmissionWebhook NamespaceAutoProvision NamespaceExists NamespaceLifecycle
   NodeRestriction OwnerReferencesPermissionEnforcement PersistentVolumeClaimResize PodNodeSelector PodSecurity
   PodTolerationRestriction PodTopologyLabels Priority ResourceQuota RuntimeClass ServiceAccount StorageObjectInUseProtection
   TaintNodesByCondition ValidatingAdmissionPolicy ValidatingAdmissionWebhook`.split(/\s+/),
)

/** An API server does not start with one that it does not know. */
function admissionPlugins(names: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !knownPlugins.has(name))
  if (unknown === undefined) return [...new Set(names)]
  throw new CloudRefusal(
    `Label admission_control_list: Kubernetes has no admission plugin ${unknown} that could be turned on; there are ${[...knownPlugins].join(', ')}`,
  )
}

type Reader = (value: string) => Readonly<Record<string, unknown>>

/** kube-proxy reads a file, beside which it passes over nearly all flags; so they become what the file has for them. */
const proxySettings: Readonly<Record<string, Reader>> = {
  'proxy-mode': (mode) => ({ mode }),
  'metrics-bind-address': (metricsBindAddress) => ({ metricsBindAddress }),
  'healthz-bind-address': (healthzBindAddress) => ({ healthzBindAddress }),
  'nodeport-addresses': (value) => ({ nodePortAddresses: listOf(value) }),
  'config-sync-period': (configSyncPeriod) => ({ configSyncPeriod }),
  'feature-gates': (value) => ({
    featureGates: Object.fromEntries(
      listOf(value).map((gate) => [gate.replace(/=.*/, ''), labelIsTrue(gate.replace(/^[^=]*=/, ''))]),
    ),
  }),
}

function kubeProxyOf(labels: Labels): Readonly<Record<string, unknown>> {
  const settings = flagsOf(labels, 'kubeproxy_options', []).map(({ name, value }) => {
    const read = Object.hasOwn(proxySettings, name) ? proxySettings[name] : undefined
    if (read !== undefined) return read(value)
    const known = Object.keys(proxySettings).map((each) => `--${each}`)
    throw new CloudRefusal(`Label kubeproxy_options: --${name} cannot be set; there are ${known.join(', ')}`)
  })
  return Object.assign({}, ...settings) as Readonly<Record<string, unknown>>
}
