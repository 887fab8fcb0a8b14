import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { stage } from '../certificates/fixture.ts'
import { type NodeEntry, openLedger } from './ledger.ts'
import { papersOf } from './papers.ts'

const group = '00000000-0000-4000-8000-0000000000aa'

/** As large as those of a real worker. */
function entryOf(index: number): NodeEntry {
  const name = `a-cluster-of-thousand-1f0e2d3c-node-${index}`
  const address = `10.0.${index >> 8}.${index & 255}`
  const controlPlane = { apiNames: [], serviceAddress: '10.254.0.1', dnsDomain: 'cluster.local', ownServer: '' }
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    orders: {
      revision: randomBytes(16).toString('hex'),
      name,
      role: 'worker',
      address,
      version: 'v1.35.4',
      founds: false,
      pause: 30,
      server: 'https://10.0.0.2:6443',
      files: { '/etc/croque/some': `${address}\n${'a line as they are in files of nodes\n'.repeat(70)}` },
      commands: [['systemctl', 'daemon-reload']],
      later: [],
      papers: papersOf({ name, role: 'worker', addresses: [address] }, controlPlane),
      secrets: {},
    },
    keys: randomBytes(32).toString('hex'),
    kubelet: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    report: { phase: 'ready', message: '', revision: randomBytes(16).toString('hex'), at: Date.now() },
    joined: true,
  }
}

test('what is known of a thousand nodes fits into one Secret, and comes back as it was', async () => {
  const { store, cluster } = await stage()
  const ledger = openLedger(store)
  const nodes = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${group}/${index}`, entryOf(index)]))
  await ledger.change(cluster, (state) => ({ ...state, nodes }))
  const secret = await store.readSecret(cluster.uuid, 'nodes')
  const size = Object.values(secret?.data ?? {}).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  expect(JSON.stringify(nodes).length).toBeGreaterThan(3 * 2 ** 20)
  expect(size).toBeLessThan(2 ** 20 * 0.9)
  expect((await ledger.read(cluster.uuid))?.nodes).toEqual(nodes)
})
