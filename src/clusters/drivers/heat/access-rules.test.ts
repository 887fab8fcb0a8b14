import { expect, test } from 'vitest'
import { pathMatches } from '../../identity/access-rules.ts'
import { accessRules } from './access-rules.ts'

const endpoints = {
  compute: 'https://cloud.test/compute/v2.1',
  network: 'https://cloud.test/network/',
  volumev3: 'https://cloud.test:8776/v3/8f3c1c5b',
  identity: 'https://cloud.test/identity',
  image: 'https://cloud.test/image',
}
const rules = accessRules(endpoints)
const allowed = (service: string, method: string, path: string): boolean =>
  rules.some((rule) => rule.service === service && rule.method === method && pathMatches(path, rule.path))

test.each([
  ['compute', 'GET', '/compute/v2.1/servers/detail'],
  ['compute', 'POST', '/compute/v2.1/servers/1/os-volume_attachments'],
  ['network', 'GET', '/network/v2.0/ports'],
  ['network', 'PUT', '/network/v2.0/ports/1'],
  ['network', 'DELETE', '/network/v2.0/floatingips/1'],
  ['volumev3', 'POST', '/v3/8f3c1c5b/volumes'],
  ['volumev3', 'POST', '/v3/8f3c1c5b/volumes/1/action'],
])('a cloud provider may: %s %s %s', (...call) => expect(allowed(...call)).toBe(true))

test.each([
  ['compute', 'DELETE', '/compute/v2.1/servers/1', 'no server is a node’s to end'],
  ['compute', 'POST', '/compute/v2.1/servers', 'or to make'],
  ['compute', 'POST', '/compute/v2.1/servers/1/action', 'or to stop, rebuild or take pictures of'],
  ['compute', 'GET', '/compute/v2.1/servers/1/os-volume_attachments/2/more', 'below what is allowed'],
  ['compute', 'GET', '/v2.1/servers/1', 'another path than the endpoint has'],
  ['network', 'DELETE', '/network/v2.0/networks/1', 'networks are the driver’s'],
  ['network', 'PUT', '/network/v2.0/routers/1/add_extraroutes', 'routes too'],
  ['volumev3', 'GET', '/v3/another/volumes/detail', 'another project'],
  ['block-storage', 'GET', '/v3/8f3c1c5b/volumes/detail', 'a type that this cloud does not have'],
  ['load-balancer', 'GET', '/v2.0/lbaas/loadbalancers', 'a service that this cloud does not have'],
  ['identity', 'GET', '/identity/v3/users', 'nothing of Keystone'],
  ['image', 'GET', '/image/v2/images', 'nothing of Glance'],
])('a node may not: %s %s %s', (service, method, path, why) => expect(allowed(service, method, path), why).toBe(false))

test('clients put the version behind an endpoint that has none, and only there', () => {
  const paths = accessRules({ network: 'http://a:9696/v2.0', 'load-balancer': 'http://a:9876' }).map(({ path }) => path)
  expect(paths.every((path) => path.startsWith('/v2.0/') && !path.includes('/v2.0/v2.0'))).toBe(true)
  expect(paths).toContain('/v2.0/lbaas/loadbalancers')
})
