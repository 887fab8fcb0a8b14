import { expect, test } from 'vitest'
import { type NodeForm, type NodeImageFiles, nodeImageDigest } from '../catalog/index.ts'
import { nodeImageRow, nodeImageTable } from './node-image-rows.ts'

const file = (name: string, size: number) => ({ path: `/cache/${name}`, sha256: `sum of ${name}`, size })
const built: NodeImageFiles = {
  kubernetesVersion: 'v1.35.4',
  root: file('root', 987_654_321),
  kernel: file('kernel', 1),
  ramdisk: file('ramdisk', 2),
}
const inCloud = (form: NodeForm, digest: string) => ({
  id: form,
  name: form === 'qemu' ? 'croque-node-v1.35.4' : `croque-node-v1.35.4-${form}`,
  kubernetesVersion: 'v1.35.4',
  form,
  digest,
})

test('a version is shown with what is here and what the cloud has of it', () => {
  const found = [inCloud('lxc', nodeImageDigest(built, 'lxc')), inCloud('qemu', 'of another build')]
  const rows = [nodeImageRow('v1.35.4', built, found), nodeImageRow('v1.34.4', undefined, found)]
  expect(rows[0]).toMatchObject({ built: true, size: 987_654_321, sha256: 'sum of root' })
  expect(rows[0]?.cloud?.map(({ current }) => current)).toEqual([true, false])
  expect(nodeImageTable(rows)).toMatchInlineSnapshot(`
    "VERSION  BUILT  SIZE      WHOLE DISK  IN THE CLOUD
    v1.35.4  yes    987.7 MB  -           croque-node-v1.35.4-lxc, croque-node-v1.35.4 (another build)
    v1.34.4  no     -         -           -
    "
  `)
})

test('so is a whole disk', () => {
  const withDisk = { ...built, disk: file('disk', 1_234_567_890) }
  const found = [inCloud('disk', nodeImageDigest(withDisk, 'disk'))]
  const row = nodeImageRow('v1.35.4', withDisk, found)
  expect(row).toMatchObject({ diskSize: 1_234_567_890, cloud: [{ current: true }] })
  expect(nodeImageTable([row])).toContain('1234.6 MB   croque-node-v1.35.4-disk\n')
  const other = { ...built, disk: { ...withDisk.disk, sha256: 'other' } }
  expect(nodeImageRow('v1.35.4', other, found).cloud).toMatchObject([{ current: false }])
})

test('what the cloud has is taken as it is where nothing is built here, or not in that form', () => {
  expect(nodeImageRow('v1.35.4', undefined, [inCloud('lxc', 'any')]).cloud).toMatchObject([{ current: true }])
  expect(nodeImageRow('v1.35.4', built, [inCloud('disk', 'any')]).cloud).toMatchObject([{ current: true }])
})

test('no cloud is not an empty one', () => {
  expect(nodeImageRow('v1.35.4', built, undefined).cloud).toBeUndefined()
  expect(nodeImageRow('v1.35.4', built, []).cloud).toEqual([])
})
