import { describe, expect, test } from 'vitest'
import { acceptsJson, prefersJson } from './accept.ts'
import { addressed } from './address.ts'
import { errorBody, routerErrorBody, versionErrorBody } from './error-body.ts'
import { refusal, thingFields } from './fixture.ts'
import { linksTo } from './link.ts'
import { generatedName } from './name.ts'
import { render, shownMoment } from './render.ts'
import { negotiate } from './version.ts'

describe('answers', () => {
  test('never set is left out, nothing is null, defaults reappear, in the order of the table', () => {
    const values = { name: 'n', uuid: 'u', labels: null, merge_labels: true }
    expect(JSON.stringify(render(thingFields, values, { minor: 14 }))).toBe(
      '{"uuid":"u","name":"n","keypair":null,"node_count":1,"labels":null,"merge_labels":true}',
    )
  })

  test('a short list has defaults in place of real values', () => {
    const values = { uuid: 'u', name: 'n', node_count: 7, merge_labels: true }
    expect(render(thingFields, values, { minor: 14, only: ['uuid', 'name'] })).toEqual({
      uuid: 'u',
      name: 'n',
      keypair: null,
      node_count: 1,
      merge_labels: false,
    })
  })

  test('a field is in the answers of its versions', () => {
    const values = { stack_id: 's', cluster_id: 's' }
    expect(render(thingFields, values, { minor: 12 })).toMatchObject({ stack_id: 's' })
    expect(render(thingFields, values, { minor: 12 })).not.toHaveProperty('cluster_id')
    expect(render(thingFields, values, { minor: 13 })).toMatchObject({ cluster_id: 's' })
    expect(render(thingFields, values, { minor: 13 })).not.toHaveProperty('stack_id')
  })

  test('dates are of seconds, in UTC', () => {
    expect(shownMoment('2026-11-28T16:00:00.123456Z')).toBe('2026-11-28T16:00:00+00:00')
  })

  test('links', () => {
    expect(linksTo('https://cloud/api', 'clusters', 'u')).toEqual([
      { href: 'https://cloud/api/v1/clusters/u', rel: 'self' },
      { href: 'https://cloud/api/clusters/u', rel: 'bookmark' },
    ])
  })

  test('generated names', () => {
    expect(generatedName('cluster', () => 0)).toBe('alpha-1-cluster')
    expect(generatedName('template', () => 0.999999)).toBe('omega-24-template')
  })
})

describe('addresses', () => {
  const uuid = '5d12f6fd-a196-4bf0-ae4c-1f639a523a52'
  const byUuid = (asked: string): string | undefined => (asked === uuid ? 'by uuid' : undefined)
  const byName = (name: string): readonly string[] => ({ one: ['a'], two: ['a', 'b'] })[name] ?? []
  const find = (ident: string): string => addressed(ident, { byUuid, byName, noun: 'Cluster' })

  test.each([
    [uuid, 'by uuid'],
    [uuid.toUpperCase(), 'by uuid'],
    ['one', 'a'],
  ])('%s', (ident, found) => expect(find(ident)).toBe(found))

  test.each([
    ['none', '404 Cluster none could not be found.'],
    [uuid.replace('5', '6'), `404 Cluster ${uuid.replace('5', '6')} could not be found.`],
    ['two', '409 Multiple clusters exist with same name. Please use the cluster uuid instead.'],
  ])('%s', (ident, text) => expect(refusal(() => find(ident))).toBe(text))
})

// As Magnum 22.0.0 answers, but for the highest version and its own service word.
describe('versions', () => {
  test.each<[string | undefined, number]>([
    [undefined, 1],
    ['container-infra 1.9', 9],
    ['container-infrastructure 1.14', 14],
    ['container-infrastructure-management  1.2 ', 2],
    ['container-infra latest', 14],
    ['container-infra LATEST', 14],
    ['foo latest', 14],
    ['container-infra 1.01', 1],
    ['container-infra +1.2', 2],
  ])('%s', (header, minor) => {
    expect(negotiate(header)).toMatchObject({
      ok: true,
      minor,
      headers: {
        'openstack-api-minimum-version': 'container-infrastructure-management 1.1',
        'openstack-api-maximum-version': 'container-infrastructure-management 1.14',
        'openstack-api-version': `container-infrastructure-management 1.${minor}`,
        vary: 'OpenStack-API-Version',
      },
    })
  })

  const service = 'Invalid service type for OpenStack-API-Version header'
  const value = 'Invalid value for OpenStack-API-Version header'

  test.each([
    ['1.5', service],
    ['', service],
    ['foo 1.5', service],
    ['foo 1.99', service],
    ['container-infra 1.5 x', service],
    ['container-infra 1.x', value],
    ['container-infra 1.2.3', value],
    ['container-infra 1', value],
  ])('%s is none', (header, detail) => {
    expect(negotiate(header)).toEqual({ ok: false, detail })
  })

  test.each([
    ['container-infra 1.15', '1.15', /^Version 1.15 was requested but the minor version is not supported/],
    ['container-infra 1.0', '1.0', /^Version 1.0 was requested/],
    ['container-infra 2.1', '2.1', /^Mutually exclusive versions requested. Version 2.1 requested/],
    ['container-infra -1.2', '-1.2', /^Mutually exclusive/],
  ])('%s is not spoken', (header, version, description) => {
    const refused = negotiate(header)
    if (refused.ok || !('error' in refused)) throw new Error('not refused as a version')
    expect(refused.headers['openstack-api-version']).toBe(`container-infrastructure-management ${version}`)
    const plain = {
      code: 'magnum.microversion-unsupported',
      min_version: '1.1',
      max_version: '1.14',
      title: 'Requested microversion is unsupported',
      links: [{ rel: 'help', href: 'http://docs.openstack.org/api-guide/compute/microversions.html' }],
    }
    expect(versionErrorBody(refused, false)).toEqual({ errors: [plain] })
    expect(versionErrorBody(refused, true)).toEqual({
      errors: [{ ...plain, description: expect.stringMatching(description) }],
    })
  })
})

describe('errors', () => {
  test('the title ends at the first full stop', () => {
    expect(errorBody({ status: 400, code: 'client', message: 'One. Two.' })).toEqual({
      errors: [{ request_id: '', code: 'client', status: 400, title: 'One', detail: 'One. Two.', links: [] }],
    })
  })

  test('the router has words for those who like JSON best', () => {
    const of = (prefers: boolean): unknown => routerErrorBody(404, 'x', prefers).errors[0]
    expect(of(true)).toMatchObject({ code: '', title: 'Not Found', detail: 'x' })
    expect(of(false)).toMatchObject({ code: '', title: '', detail: '' })
  })

  test.each<[string | undefined, boolean, boolean]>([
    [undefined, true, false],
    ['*/*', true, false],
    ['application/json', true, true],
    ['application/*', true, true],
    ['application/json, text/plain', true, false],
    ['text/html;q=0.5, application/json;q=0.9', true, true],
    ['text/html, */*', true, false],
    ['text/html', false, false],
    ['application/xml', false, false],
    ['application/json;q=0, */*', false, false],
  ])('Accept: %s', (accept, accepted, preferred) => {
    expect([acceptsJson(accept), prefersJson(accept)]).toEqual([accepted, preferred])
  })
})
