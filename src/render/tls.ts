/** What a container gets of the cloud's own TLS, and the Secrets that this takes. */
import { type Component, caFile, keyFile, type Task, tlsDir } from '../catalog/index.ts'
import type { Cloud } from '../spec/index.ts'
import { namespaceOf } from './context.ts'
import { configData } from './files.ts'
import type { GeneratedSecret } from './model.ts'
import { objectName, unitLabels } from './names.ts'
import { environment, type WorkId } from './settings.ts'

const caSecret = 'croque-internal-ca'
const certificateSecret = ({ service, name }: WorkId): string => `${service}-${name}-tls`

/** Files that its configuration, command and environment name: those it gets. A task serves nobody, and has no certificate. */
function named(cloud: Cloud, id: WorkId, work: Component | Task): 'certificate' | 'trust' | 'nothing' {
  if (!cloud.spec.internalTls) return 'nothing'
  const text = JSON.stringify([configData(cloud, id, work), environment(cloud, id, work)])
  if ('kind' in work && text.includes(keyFile)) return 'certificate'
  return text.includes(caFile) ? 'trust' : 'nothing'
}

/** Whether what it serves is TLS, and a probe has to know. */
export const servesTls = (cloud: Cloud, id: WorkId, work: Component): boolean =>
  named(cloud, id, work) === 'certificate'

const volumeName = 'internal-tls'
export const tlsMount = { name: volumeName, mountPath: tlsDir, readOnly: true }

/** The CA's key is left where it is. */
export function tlsVolumes(cloud: Cloud, id: WorkId, work: Component | Task): readonly object[] {
  const files = named(cloud, id, work)
  if (files === 'nothing') return []
  const item = (key: string, mode: number) => ({ key, path: key, mode })
  const source = (name: string, items: readonly object[]) => ({ secret: { name, items } })
  const own = source(certificateSecret(id), [item('tls.crt', 0o444), item('tls.key', 0o440)])
  const sources = [source(caSecret, [item('ca.crt', 0o444)]), ...(files === 'certificate' ? [own] : [])]
  return [{ name: volumeName, projected: { defaultMode: 0o444, sources } }]
}

/** The CA, and the certificates of the components for the names of their Services. */
export function tlsSecrets(
  cloud: Cloud,
  components: readonly { readonly service: string; readonly work: Component }[],
): readonly GeneratedSecret[] {
  if (!cloud.spec.internalTls) return []
  const namespace = namespaceOf(cloud)
  const labels = (id: string) => unitLabels(cloud.metadata.name, id)
  const common = { namespace, type: 'kubernetes.io/tls' }
  const ca = {
    name: caSecret,
    namespace,
    labels: labels('cloud/base'),
    type: 'Opaque',
    keys: { ca: { kind: 'ca', commonName: `${cloud.metadata.name} internal CA` } },
  } as const
  const certificates = components
    .map(({ service, work }) => ({ id: { service, name: work.name }, work }))
    .filter(({ id, work }) => servesTls(cloud, id, work))
    .map(({ id }): GeneratedSecret => {
      const name = objectName(`${id.service}/${id.name}`)
      return {
        ...common,
        name: certificateSecret(id),
        labels: labels(`${id.service}/${id.name}`),
        keys: {
          tls: {
            kind: 'certificate',
            ca: `${caSecret}/ca`,
            commonName: name,
            dnsNames: [name, `${name}.${namespace}`, `${name}.${namespace}.svc`],
            ipAddresses: [],
            client: true,
          },
        },
      }
    })
  return [ca, ...certificates]
}
