/** Imaginary infrastructure in ConfigMaps, so that another replica goes on where one was killed. */
import type { Kube, KubeObject } from '../../../kube/index.ts'
import { clusterLabel } from '../../model/index.ts'
import type { ImaginaryCloud, ImaginaryCluster } from './cloud.ts'

const key = 'infrastructure.json'

export function imaginaryCloudInConfigMaps(kube: Kube, namespace: string): ImaginaryCloud {
  const refOf = (id: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `imaginary-${id}` })
  return {
    read: async (id) => {
      const found: (KubeObject & { readonly data?: Readonly<Record<string, string>> }) | undefined = await kube.get(
        refOf(id),
      )
      const text = found?.data?.[key]
      return text === undefined ? undefined : (JSON.parse(text) as ImaginaryCluster)
    },
    write: async (id, cluster) => {
      const { apiVersion, kind, name } = refOf(id)
      if (cluster === undefined) {
        await kube.delete(refOf(id))
        return
      }
      const metadata = { name, namespace, labels: { [clusterLabel]: id } }
      await kube.apply({ apiVersion, kind, metadata, data: { [key]: JSON.stringify(cluster) } }, { force: true })
    },
  }
}
