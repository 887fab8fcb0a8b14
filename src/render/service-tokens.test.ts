/** Who works with a user's token proves that it is a service as well, and whoever is asked wants that proof. */
import { expect, test } from 'vitest'
import { catalog } from '../catalog/index.ts'
import { optionList, parseIni } from '../oslo/index.ts'
import { loadCloud } from '../spec/index.ts'
import { knownServices, render } from './index.ts'

const release = '2026.1'

function configs(): readonly (readonly [string, ReturnType<typeof parseIni>])[] {
  const loaded = loadCloud(undefined, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const names = new Set(catalog.flatMap(({ optionLists }) => Object.keys(optionLists)))
  return (
    render(loaded.cloud, { images: {}, virtType: 'qemu', datapath: 'netdev' })
      .rendering.units.flatMap(({ objects }) => objects)
      .flatMap((object) =>
        object.kind === 'ConfigMap' ? Object.entries(object['data'] as Record<string, string>) : [],
      )
      // Our own program has it by default.
      .filter(([file]) => names.has(file) && !file.endsWith('.yaml'))
      .map(([file, text]) => [file, parseIni(text)] as const)
  )
}

test('every service that can send its own token with that of a user does', () => {
  const able = catalog
    .flatMap(({ optionLists }) => Object.entries(optionLists))
    .filter(([, list]) => optionList(release, list)?.['service_user']?.includes('send_service_user_token') === true)
    .map(([file]) => file)
  expect(able.sort()).toEqual(['cinder.conf', 'nova.conf'])
  const of = configs().filter(([file]) => able.includes(file))
  expect(new Set(of.map(([file]) => file)).size).toBe(able.length)
  for (const [file, ini] of of)
    expect([file, ini['service_user']]).toEqual([
      file,
      expect.objectContaining({ send_service_user_token: 'true', auth_type: 'password' }),
    ])
})

test('every API takes such a token from services only', () => {
  const apis = configs().filter(([, ini]) => ini['keystone_authtoken'] !== undefined)
  expect([...new Set(apis.map(([file]) => file))].sort()).toEqual([
    'cinder.conf',
    'glance-api.conf',
    'heat.conf',
    'neutron.conf',
    'nova.conf',
    'placement.conf',
  ])
  for (const [file, ini] of apis)
    expect([file, ini['keystone_authtoken']]).toEqual([
      file,
      expect.objectContaining({ service_token_roles: 'service', service_token_roles_required: 'true' }),
    ])
})
