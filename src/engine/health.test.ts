import { expect, test } from 'vitest'
import { CroqueError } from '../errors/index.ts'
import type { Kube, KubeObject } from '../kube/index.ts'
import type { Rendering } from '../render/index.ts'
import { askHealth } from './health.ts'

const question = { podLabels: { app: 'store' }, container: 'store', command: ['how'] }
type ExecResult = Awaited<ReturnType<Kube['exec']>>

const rendering: Rendering = {
  namespace: 'cloud',
  ownLabels: {},
  units: [
    {
      id: 'a/store',
      kind: 'component',
      title: '',
      needs: [],
      secrets: [],
      objects: [],
      health: question,
      timeoutSeconds: 1,
    },
    { id: 'a/other', kind: 'component', title: '', needs: [], secrets: [], objects: [], timeoutSeconds: 1 },
  ],
}
const pod = (name: string, ready: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'cloud' },
  status: { conditions: [{ type: 'Ready', status: ready }] },
})
const said = (stdout: string, code = 0, stderr = ''): ExecResult => ({ code, stdout, stderr })

async function asked(answer: ExecResult | Error, pods = [pod('store-0', 'False'), pod('store-1', 'True')]) {
  const places: string[] = []
  const exec = async ({ name }: { readonly name: string }): Promise<ExecResult> => {
    places.push(name)
    if (answer instanceof Error) throw answer
    return answer
  }
  const found = await askHealth(rendering, { exec }, () => pods)
  expect([...found.keys()]).toEqual(['a/store'])
  return { ...found.get('a/store'), places }
}

test('is asked in a Pod that is ready', async () => {
  const answer = said(JSON.stringify({ state: 'warning', summary: 'so so', details: ['one is down'] }))
  expect(await asked(answer)).toEqual({
    state: 'warning',
    summary: 'so so',
    details: ['one is down'],
    places: ['store-1'],
  })
})

test.each([
  ['fails', said('', 1, 'first\nno keyring\n'), 'no keyring'],
  ['says something else', said('{}'), 'not understood'],
  ['says no JSON', said('hello'), 'JSON'],
  ['cannot be run', new CroqueError('kube-failed', { what: 'no such container' }), 'no such container'],
])('is not known when the command %s', async (_case, answer, why) => {
  const { state, summary } = await asked(answer)
  expect({ state, summary }).toEqual({ state: 'unknown', summary: expect.stringContaining(why) })
})

test('is not known while no Pod is ready', async () => {
  expect(await asked(said('{}'), [])).toMatchObject({ state: 'unknown', places: [] })
})
