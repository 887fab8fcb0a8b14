/** The node image of clusters for the steps that bring it into a cloud. */
import { contentNames, type NodeImageSource } from '../catalog/index.ts'
import {
  type BuildNodeImage,
  buildNodeImage,
  builtNodeImage,
  type KubernetesVersion,
  kubernetesVersion as usual,
} from '../images/index.ts'

export const nodeImageSource = (
  shop: Omit<BuildNodeImage, 'report' | 'kind'>,
  kubernetesVersion: KubernetesVersion = usual,
): NodeImageSource => ({
  kubernetesVersion,
  template: contentNames.clusterTemplate + (kubernetesVersion === usual ? '' : `-${kubernetesVersion}`),
  built: async () => await builtNodeImage(shop, kubernetesVersion),
  make: async (say) => {
    const report = { step: async <T>(_id: string, work: (tell: typeof say) => Promise<T>) => await work(say) }
    return await buildNodeImage({ ...shop, kind: kubernetesVersion, report })
  },
})
