import { expect, test } from 'vitest'
import { choose } from './config.ts'

const file = (path: string, context: string, rest = '') => ({
  path,
  text: `
clusters: [{name: c, cluster: {server: "https://${context}:6443", certificate-authority: pki/ca.crt}}]
users: [{name: u, user: {client-certificate: u.crt, client-key: /abs/u.key}}]
contexts: [{name: ${context}, context: {cluster: c, user: u}}]
${rest}`,
})

test('the current context is taken, and its paths are those beside the file', () => {
  expect(choose([file('/home/me/.kube/config', 'a', 'current-context: a')], undefined)).toMatchObject({
    context: 'a',
    cluster: { server: 'https://a:6443', 'certificate-authority': '/home/me/.kube/pki/ca.crt' },
    user: { 'client-certificate': '/home/me/.kube/u.crt', 'client-key': '/abs/u.key' },
  })
})

test('files are put together as kubectl does it: the first of a name counts', () => {
  const files = [file('/x/one', 'a'), file('/y/two', 'b', 'current-context: b')]
  expect(choose(files, undefined)).toMatchObject({ context: 'b', cluster: { server: 'https://a:6443' } })
})

test.each([
  ['no current context', file('/x', 'a'), undefined, '/x has no current context'],
  ['an unknown context', file('/x', 'a'), 'b', '/x has no context "b"'],
  ['a list', { path: '/x', text: 'clusters: 3' }, 'a', '/x is no kubeconfig: not as expected at clusters'],
  ['no YAML', { path: '/x', text: 'a: [' }, 'a', '/x is no YAML'],
  [
    'a missing user',
    { path: '/x', text: 'contexts: [{name: a, context: {cluster: c, user: u}}]' },
    'a',
    'the context "a" of /x names a cluster or user that is not there',
  ],
])('%s is told', (_case, given, context, what) => {
  expect(() => choose([given], context)).toThrow(
    expect.objectContaining({ code: 'kubeconfig-invalid', message: expect.stringContaining(what) }),
  )
})
