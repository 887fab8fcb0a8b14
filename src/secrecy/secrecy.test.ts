import { expect, test } from 'vitest'
import { isSecretKey, maskLine, maskLines } from './index.ts'

test.each([
  ['password = x', 'password = ********'],
  ['admin_password=a, {b} #c', 'admin_password=********'],
  ['  "password": "x",', '  "password": ********'],
  ['{user: u, password: x, next: y}', '{user: u, password: ********, next: y}'],
  ["export OS_PASSWORD='a b'", 'export OS_PASSWORD=********'],
  ['run --db-password=x --verbose', 'run --db-password=********'],
  ['- token: abc', '- token: ********'],
  ['connection = mysql+pymysql://u:p@h/db?charset=utf8', 'connection = mysql+pymysql://u:********@h/db?charset=utf8'],
  [
    'transport_url = rabbit://a:b@c:5672,d:e@f:5672/v',
    'transport_url = rabbit://a:********@c:5672,d:********@f:5672/v',
  ],
])('%s is shown as %s', (line, expected) => {
  expect(maskLine(line)).toBe(expected)
})

test.each([
  'password: {secretRef: {name: a, key: b}}',
  'allow_expired_token = true',
  'expiration = 3600',
  'auth_url = http://keystone-api.openstack.svc:5000',
  '[token]',
  'memcached_servers = memcached-server:11211',
])('%s stays as it is', (line) => {
  expect(maskLines([line])).toEqual([line])
})

test('of files also what only a blank sets apart, and the inside of keys', () => {
  expect(
    maskLines([
      'user admin insecure-password hush',
      '# the password of the user',
      '-----BEGIN RSA PRIVATE KEY-----',
      'MII',
      '-----END RSA PRIVATE KEY-----',
      'after',
    ]),
  ).toEqual([
    'user admin insecure-password ********',
    '# the password of the user',
    '-----BEGIN RSA PRIVATE KEY-----',
    '********',
    '-----END RSA PRIVATE KEY-----',
    'after',
  ])
})

test('of documents also the text below a name', () => {
  expect(
    maskLines(['a:', '  password: |-', '    hush', '', '     hush', '  - token: >', '    hush', '  b: c']),
  ).toEqual(['a:', '  password: |-', '********', '', '********', '  - token: >', '********', '  b: c'])
})

test.each([
  ['password', true],
  ['memcache_secret_key', true],
  ['adminPassword', true],
  ['data.token', true],
  ['secretRef', false],
  ['token_expiration', false],
  ['key_repository', false],
])('isSecretKey(%s) is %s', (key, expected) => {
  expect(isSecretKey(key)).toBe(expected)
})
