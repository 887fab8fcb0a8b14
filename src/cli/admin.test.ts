import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { ObjectRef } from '../kube/index.ts'
import { knownServices } from '../render/index.ts'
import { loadCloud } from '../spec/index.ts'
import { credentials } from './admin.ts'

function installation(endpoints: object) {
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec: { endpoints } })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  return { cloud: loaded.cloud, rendering: { namespace: 'openstack' } }
}

/** Secrets by name, their values in plain text. */
const kube = (secrets: Readonly<Record<string, Readonly<Record<string, string>>>>) => ({
  get: async ({ name, ...ref }: ObjectRef) => {
    const found = secrets[name]
    if (found === undefined) return undefined
    const data = Object.entries(found).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
    return { ...ref, metadata: { name }, data: Object.fromEntries(data) }
  },
})

const admin = { 'keystone-secrets': { 'admin-password': 'hush' } }
const own = { tls: { source: 'secret', secretRef: { name: 'public-cert' } } }
const ours = { 'croque-ca': { 'ca.crt': 'our CA' } }

test.each([
  ['the CA of the cloud', {}, ours, 'our CA'],
  [
    'what stands beside a certificate of the user',
    own,
    { ...ours, 'public-cert': { 'ca.crt': 'their CA' } },
    'their CA',
  ],
  ["the system's roots when nothing stands there", own, { ...ours, 'public-cert': { 'tls.crt': 'x' } }, undefined],
  ["the system's roots when the Secret is gone", own, ours, undefined],
])('clients trust %s', async (_case, endpoints, secrets, ca) => {
  const given = await credentials(installation(endpoints), kube({ ...admin, ...secrets }))
  expect(given.ca).toBe(ca)
  expect(given).toMatchObject({ authUrl: 'https://cloud.croque.local:8443/identity/v3', password: 'hush' })
})

test('a CA that croque made and that is gone is told', async () => {
  await expect(credentials(installation({}), kube(admin))).rejects.toMatchObject({ code: 'secret-missing' })
})
