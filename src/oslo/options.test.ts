import { expect, test } from 'vitest'
import { checkOptions, optionList } from './index.ts'

const list = {
  DEFAULT: ['debug', 'transport_url', 'cpu_allocation_ratio'],
  glance_store: ['filesystem_store_datadir', 'filesystem_store_file_perm'],
  keystone_authtoken: ['auth_type', 'www_authenticate_uri'],
  api: ['max_limit'],
}

test('known options pass, those of the authentication plugins too', () => {
  const file = { DEFAULT: { debug: true }, keystone_authtoken: { auth_url: 'x', project_name: 'service' } }
  expect(checkOptions(file, list)).toEqual([])
})

test('a section of the user’s own may hold what some section knows', () => {
  expect(checkOptions({ fast_disks: { filesystem_store_datadir: '/x' } }, list)).toEqual([])
})

test.each([
  [
    'a typing error',
    { DEFAULT: { cpu_alocation_ratio: 2 } },
    [{ section: 'DEFAULT', option: 'cpu_alocation_ratio', suggestion: 'cpu_allocation_ratio' }],
  ],
  [
    'an option in the wrong section',
    { DEFAULT: { max_limit: 2 } },
    [{ section: 'DEFAULT', option: 'max_limit', elsewhere: 'api' }],
  ],
  ['a mistyped section', { DEFUALT: { debug: true } }, [{ section: 'DEFUALT', suggestion: 'DEFAULT' }]],
  ['a section of which nothing is known', { zebra: { stripes: 3 } }, [{ section: 'zebra' }]],
  [
    'a stranger in a section of the user’s own',
    { fast_disks: { filesystem_store_datadir: '/x', filesystem_store_file_prem: 1 } },
    [{ section: 'fast_disks', option: 'filesystem_store_file_prem', suggestion: 'filesystem_store_file_perm' }],
  ],
])('%s is found', (_case, file, expected) => {
  expect(checkOptions(file, list)).toEqual(expected)
})

test('no recorded list means unknown, not empty', () => {
  expect(optionList('2026.1', 'no-such-list')).toBeUndefined()
})
