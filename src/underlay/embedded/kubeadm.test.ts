import { expect, test } from 'vitest'
import { accessOf, hostKubeconfig } from './access.ts'
import { addons } from './addons.ts'
import { initConfig, joinConfig, patches } from './kubeadm.ts'
import { layoutOf } from './layout.ts'
import { cniConfig, encryptionConfig, hostsFile } from './node-files.ts'

const layout = layoutOf('croque', '/state', { nodes: 2 })
const [first, second] = layout.nodes
if (first === undefined || second === undefined) throw new Error('no nodes')

test('documents for kubeadm init', async () => {
  await expect(initConfig('croque', first)).toMatchFileSnapshot('golden/kubeadm-init.yaml')
  await expect(JSON.stringify(patches(), null, 2)).toMatchFileSnapshot('golden/kubeadm-patches.json')
})

test('document for kubeadm join', async () => {
  const join = { server: '10.111.0.2:6443', token: 'abcdef.0123456789abcdef', caHash: 'sha256:00' }
  await expect(joinConfig(second, join)).toMatchFileSnapshot('golden/kubeadm-join.yaml')
})

test('a node for container guests has that role and no other', () => {
  const lxc = layoutOf('croque', '/state', { nodes: 1, lxcNodes: 1 }).nodes.at(-1) ?? first
  const text = joinConfig(lxc, { server: '10.111.0.2:6443', token: 'a.b', caHash: 'sha256:00' })
  expect(text.match(/croque\.dev\/role-[^,\s]*/g)).toEqual(['croque.dev/role-compute-lxc=true'])
})

test('objects of a new cluster', async () => {
  await expect(addons()).toMatchFileSnapshot('golden/addons.yaml')
})

test('files of a node', async () => {
  await expect(
    [hostsFile(layout, second), cniConfig(second), encryptionConfig('a2V5')].join('---\n'),
  ).toMatchFileSnapshot('golden/node-files.txt')
})

test('the kubeconfig for this machine keeps the credentials and changes the address', () => {
  const data = (text: string): string => Buffer.from(text).toString('base64')
  const admin = [
    'apiVersion: v1',
    'kind: Config',
    `clusters: [{name: k, cluster: {server: 'https://10.111.0.2:6443', certificate-authority-data: ${data('CA')}}}]`,
    `users: [{name: u, user: {client-certificate-data: ${data('CERT')}, client-key-data: ${data('KEY')}}}]`,
  ].join('\n')
  const access = accessOf(hostKubeconfig(admin, { name: 'croque', port: 16443 }))
  expect(access).toMatchObject({ server: 'https://127.0.0.1:16443', ca: 'CA', clientCert: 'CERT', clientKey: 'KEY' })
  expect(access.kubeconfig).toContain('current-context: croque')
})
