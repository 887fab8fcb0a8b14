/** What steps are given in tests that are not about it. */
import type { NodeImageSource } from './content.ts'

const unused = (): never => {
  throw new Error('not needed')
}

export const noNodeImage: NodeImageSource = {
  kubernetesVersion: 'v1.35.4',
  template: 'kubernetes',
  built: unused,
  make: unused,
}
