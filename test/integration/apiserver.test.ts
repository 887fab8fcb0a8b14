import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../../src/host/index.ts'
import { createKube } from '../../src/kube/index.ts'
import { startTestApiServer } from './apiserver.ts'

test('an API server stores what kubectl gives it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'croque-api-'))
  const server = await startTestApiServer({ dir })
  try {
    const kubectl = async (...args: readonly string[]): Promise<string> =>
      (await run(server.kubectl, [`--kubeconfig=${dir}/kubeconfig`, `--cache-dir=${dir}/cache`, ...args])).stdout
    await kubectl('create', 'configmap', 'kept', '--from-literal=key=value')
    expect(await kubectl('get', 'configmap', 'kept', '-o=jsonpath={.data.key}')).toBe('value')
    // It reads what is applied as YAML, where these characters are forbidden or mean something else.
    const odd = ['\u007f', '\u0085', '\u009f', '\u2028', '\u2029', '\ufeff', '\uffff'].join(' a ')
    const kube = createKube(server.access)
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'odd', namespace: 'default' } }
    await kube.apply({ ...object, data: { key: odd } })
    expect(await kube.get({ ...object, ...object.metadata })).toMatchObject({ data: { key: odd } })
    kube.close()
    expect(server.access.server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  } finally {
    await server.stop()
    await rm(dir, { recursive: true })
  }
})
