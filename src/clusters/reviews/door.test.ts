import { beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Stage, stage } from '../certificates/fixture.ts'
import { type LedgerState, nodeToken, openLedger, reviewerToken } from '../nodes/index.ts'
import { openReviews, type Reviews } from './door.ts'
import { reviewerFiles } from './files.ts'

const group = '00000000-0000-4000-8000-0000000000aa'
const review = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token: 'gAAAAAB' } }

let scene: Stage
let state: LedgerState
let reviews: Reviews

beforeEach(async () => {
  scene = await stage()
  const ledger = openLedger(scene.store)
  state = await ledger.change(scene.cluster, (known) => ({ ...known }))
  reviews = openReviews({ store: scene.store, ledger, validate: async () => undefined })
})

test('the API server of a cluster is let in by what stands in its file, and nobody else is', async () => {
  const { uuid } = scene.cluster
  const own = reviewerToken(state.key, uuid)
  const files = reviewerFiles({ url: 'https://cloud.test/container-infra', ca: 'PEM' }, uuid, own)
  const config = parse(files['/etc/kubernetes/keystone/authentication.kubeconfig'] ?? '') as {
    clusters: [{ cluster: object }]
    users: [{ user: { token: string } }]
  }
  expect(config.clusters[0].cluster).toEqual({
    server: `https://cloud.test/container-infra/kubernetes/v1/clusters/${uuid}/authentication`,
    'certificate-authority-data': Buffer.from('PEM').toString('base64'),
  })
  const { token } = config.users[0].user
  await expect(reviews.authentication(uuid, token, review)).resolves.toMatchObject({ status: { authenticated: false } })
  const others = [
    '',
    nodeToken(state.key, { cluster: uuid, group, index: 0 }),
    reviewerToken(Buffer.alloc(32).toString('base64'), uuid),
    reviewerToken(state.key, group),
  ]
  for (const other of others)
    await expect(reviews.authentication(uuid, other, review), other).rejects.toMatchObject({ status: 401 })
  await expect(reviews.authorization(uuid, '', {})).rejects.toMatchObject({ status: 401 })
  await expect(reviews.authentication(group, own, review)).rejects.toMatchObject({ status: 401 })
})
