import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { knownServices, render } from '../render/index.ts'
import { loadCloud } from '../spec/index.ts'
import { upSummary } from './summary.ts'

function installation(spec: object) {
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const site = { images: {}, virtType: 'qemu', datapath: 'netdev' } as const
  return { cloud: loaded.cloud, steps: render(loaded.cloud, site).steps }
}

test.each([
  ['a verified cloud', {}, true, 'is up: a server is ACTIVE at https://cloud.croque.local:8443'],
  ['one that was not verified', {}, false, 'is up at https://cloud.croque.local:8443; it was not verified'],
  [
    'one without first content',
    { content: { enabled: false } },
    true,
    'is up at https://cloud.croque.local:8443; no server was tried',
  ],
])('%s', (_case, spec, verified, expected) => {
  expect(upSummary(installation(spec), verified)).toBe(`The cloud cloud ${expected}`)
})
