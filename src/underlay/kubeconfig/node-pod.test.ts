import { expect, test } from 'vitest'
import type { Kube } from '../../kube/index.ts'
import { runOnNode } from './node-pod.ts'

const needs = {
  namespace: 'ours',
  pullSecrets: [],
  pullPolicy: 'IfNotPresent',
  nodeNeeds: [],
} as unknown as Parameters<typeof runOnNode>[1]

/** An API server whose Pod is in these states, look after look; the last one stays. */
function run(...states: readonly object[]) {
  let looks = 0
  const kube = {
    create: async () => undefined,
    delete: async () => true,
    get: async () => {
      const state = states[Math.min(looks, states.length - 1)]
      looks += 1
      return { status: { containerStatuses: [{ state }] } }
    },
  } as unknown as Kube
  return runOnNode(kube, needs, { node: 'a', image: 'i', script: 'true' }, new AbortController().signal)
}

const trouble = (message: string) => ({ waiting: { reason: 'ErrImagePull', message } })

test("a registry that was away for a moment stands in nobody's way", async () => {
  expect(await run(trouble('connection refused'), { terminated: { exitCode: 0, message: 'all well' } })).toEqual({
    words: 'all well',
  })
})

test('an image that is not there is told at once', async () => {
  expect(await run(trouble('ours/base:1: not found'))).toEqual({ failure: 'ErrImagePull: ours/base:1: not found' })
})
