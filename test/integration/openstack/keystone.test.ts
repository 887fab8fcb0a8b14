import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Keystone, startKeystone } from './keystone.ts'

let dir: string
let keystone: Keystone

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-keystone-'))
  keystone = await startKeystone({ dir, endpoints: { 'container-infra': 'http://127.0.0.1:9511/v1' } })
})

afterAll(async () => {
  await keystone.stop()
  await rm(dir, { recursive: true })
})

test('the catalog has what was offered, and what moved is there once', async () => {
  await keystone.identity.offer('container-infra', 'http://127.0.0.1:9512/v1')
  const { password } = keystone.admin
  const token = await keystone.identity.tokenOf({ name: 'admin', password }, 'admin')
  const said = await keystone.identity.describe(token)
  const catalog = said['catalog'] as readonly {
    readonly type: string
    readonly endpoints: readonly { readonly url: string; readonly interface: string }[]
  }[]
  expect(catalog.map(({ type }) => type).sort()).toEqual(['container-infra', 'identity'])
  const urls = catalog.flatMap(({ type, endpoints }) => endpoints.map((one) => `${type} ${one.interface} ${one.url}`))
  expect(urls.filter((url) => url.startsWith('container-infra')).sort()).toEqual([
    'container-infra admin http://127.0.0.1:9512/v1',
    'container-infra internal http://127.0.0.1:9512/v1',
    'container-infra public http://127.0.0.1:9512/v1',
  ])
  expect(urls).toContain(`identity public ${keystone.authUrl}`)
})

test('a user acts with the roles he has, by himself, by an application credential and through a trust', async () => {
  const { identity } = keystone
  const project = await identity.createProject('blue')
  const owner = await identity.createUser('owner', { project: project.id, roles: ['member'] })
  const trustee = await identity.createUser('trustee')
  const token = await identity.tokenOf(owner, 'blue')
  const rolesOf = async (one: string): Promise<readonly string[]> =>
    ((await identity.describe(one))['roles'] as readonly { readonly name: string }[]).map(({ name }) => name).sort()
  expect(await rolesOf(token)).toEqual(['member', 'reader'])
  const credential = await identity.createApplicationCredential(token, { roles: ['reader'] })
  expect(await rolesOf(await identity.applicationCredentialToken(credential))).toEqual(['reader'])
  const trust = await identity.createTrust(token, trustee.id, ['member'])
  const acting = await identity.describe(await identity.trustToken(trustee, trust))
  expect(acting['user']).toMatchObject({ id: owner.id })
  await identity.revokeToken(token)
  await expect(identity.describe(token)).rejects.toThrow('404')
})

test('the administrator acts on the system too', async () => {
  const { password } = keystone.admin
  const token = await keystone.identity.tokenOf({ name: 'admin', password }, 'system')
  expect(await keystone.identity.describe(token)).toMatchObject({ system: { all: true } })
})
