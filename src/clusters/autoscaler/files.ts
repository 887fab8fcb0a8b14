/** How an autoscaler reaches its cloud: this service stands there for Keystone, Heat and Nova. */
import { autoscalerPassword, type LoginFacts } from './login.ts'

/** Of a master, and of the autoscaler's Pod: one of its files names the other. */
export const autoscalerDirectory = '/etc/kubernetes/autoscaler'

export interface ServiceForNodes {
  /** Of this service, as nodes reach it. */
  readonly url: string
  /** PEM of the CA behind it, where that is no public one. */
  readonly ca?: string
}

/** Below the URL of the service. Nothing of it before Keystone's version may look like one: clients end the path there. */
const identityPath = '/autoscaler/identity'

/** Path to text, in the words of its own cloud-config (magnum_openstack_clients.go, `Config`). Secret. */
export function autoscalerFiles({ url, ca }: ServiceForNodes, login: LoginFacts): Readonly<Record<string, string>> {
  const caFile = `${autoscalerDirectory}/ca.crt`
  const said = {
    'auth-url': `${url}${identityPath}/v3`,
    'user-id': login.clusterId,
    password: autoscalerPassword(login),
    ...(ca === undefined ? {} : { 'ca-file': caFile }),
  }
  const lines = Object.entries(said).map(([option, value]) => `${option} = ${JSON.stringify(value)}`)
  return {
    [`${autoscalerDirectory}/cloud-config`]: ['[Global]', ...lines, ''].join('\n'),
    ...(ca === undefined ? {} : { [caFile]: ca }),
  }
}
