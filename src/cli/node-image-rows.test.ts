import { expect, test } from 'vitest'
import { nodeImageDigest } from '../catalog/index.ts'
import type { NodeImage } from '../images/index.ts'
import { nodeImageRow, nodeImageTable } from './node-image-rows.ts'

const file = (name: string, size: number) => ({ path: `/cache/${name}`, sha256: `sum of ${name}`, size })
const built: NodeImage = {
  kubernetesVersion: 'v1.35.4',
  recipe: 'abc',
  root: file('root', 987_654_321),
  kernel: file('kernel', 1),
  ramdisk: file('ramdisk', 2),
}
const inCloud = (hypervisor: 'lxc' | 'qemu', digest: string) => ({
  id: hypervisor,
  name: hypervisor === 'lxc' ? 'croque-node-v1.35.4-lxc' : 'croque-node-v1.35.4',
  kubernetesVersion: 'v1.35.4',
  hypervisor,
  digest,
})

test('a version is shown with what is here and what the cloud has of it', () => {
  const found = [inCloud('lxc', nodeImageDigest(built, 'lxc')), inCloud('qemu', 'of another build')]
  const rows = [nodeImageRow('v1.35.4', built, found), nodeImageRow('v1.34.4', undefined, found)]
  expect(rows[0]).toMatchObject({ built: true, size: 987_654_321, sha256: 'sum of root' })
  expect(rows[0]?.cloud?.map(({ current }) => current)).toEqual([true, false])
  expect(nodeImageTable(rows)).toMatchInlineSnapshot(`
    "VERSION  BUILT  SIZE      IN THE CLOUD
    v1.35.4  yes    987.7 MB  croque-node-v1.35.4-lxc, croque-node-v1.35.4 (another build)
    v1.34.4  no     -         -
    "
  `)
})

test('what the cloud has is taken as it is where nothing is built here', () => {
  expect(nodeImageRow('v1.35.4', undefined, [inCloud('lxc', 'any')]).cloud).toMatchObject([{ current: true }])
})

test('no cloud is not an empty one', () => {
  expect(nodeImageRow('v1.35.4', built, undefined).cloud).toBeUndefined()
  expect(nodeImageRow('v1.35.4', built, []).cloud).toEqual([])
})
