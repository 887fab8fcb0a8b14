import { expect, test } from 'vitest'
import { nearest } from './index.ts'

test.each([
  ['nvoa', ['nova', 'neutron'], 'nova'],
  ['Keystone', ['keystone'], 'keystone'],
  ['replica', ['replicas', 'resources'], 'replicas'],
  ['rabbit', ['mariadb', 'glance'], undefined],
  ['x', ['y'], 'y'],
  ['', ['abc'], undefined],
])('%s of %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected)
})
