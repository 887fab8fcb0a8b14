import { expect, test } from 'vitest'
import { lockHolder } from './index.ts'

test.each([
  [
    'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 2423 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/',
    'process 2423 (apt-get)',
  ],
  ['E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 17', 'process 17'],
  [
    'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
    'another program',
  ],
  ['E: Unable to locate package nosuch', undefined],
])('who holds the lock that stopped apt: %s', (output, holder) => {
  expect(lockHolder(output)).toBe(holder)
})
