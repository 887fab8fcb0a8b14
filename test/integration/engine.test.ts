import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apply, plan, remove, status } from '../../src/engine/index.ts'
import { createKube, type Kube, KubeError, type KubeObject, type ObjectRef, refOf } from '../../src/kube/index.ts'
import type { GeneratedSecret, Rendering } from '../../src/render/index.ts'
import {
  configMap,
  deployment,
  finishJob,
  job,
  labels,
  namespaceUnit,
  openTestCluster,
  playControllers,
  recorder,
  renderingOf,
  statefulSet,
  type TestCluster,
  unitOf,
} from './cluster.ts'

const never = new AbortController().signal

describe('engine against a real API server', { timeout: 60_000 }, () => {
  let cluster: TestCluster
  let kube: Kube
  let count = 0
  const controllers = new AbortController()
  const freshName = (): string => {
    count += 1
    const name = `cloud-${count}`
    playControllers(kube, name, controllers.signal).catch(() => undefined)
    return name
  }
  beforeAll(async () => {
    cluster = await openTestCluster()
    kube = cluster.kube
  }, 1_500_000)
  afterAll(async () => {
    controllers.abort()
    await cluster?.close()
  })

  const up = async (rendering: Rendering, rest: Partial<Parameters<typeof apply>[2]> = {}) => {
    const seen = recorder()
    const result = await apply(rendering, kube, { emit: seen.emit, signal: never, ...rest })
    return {
      result,
      events: seen.events,
      failures: seen.events.filter((event) => event.type === 'unit' && event.state === 'failed'),
    }
  }
  const secretOf = (cloud: string): GeneratedSecret => ({
    name: 'keys',
    namespace: cloud,
    labels: labels(cloud),
    type: 'Opaque',
    keys: { admin: { kind: 'password', length: 20 }, ca: { kind: 'ca', commonName: 'Test CA' } },
  })
  const kit = (cloud: string, image = 'a:1'): Rendering =>
    renderingOf(cloud, [
      namespaceUnit(cloud, [secretOf(cloud)]),
      unitOf('db/server', [configMap(cloud, 'db', { a: '1' }), statefulSet(cloud, 'db')]),
      unitOf('web/api', [configMap(cloud, 'web', { a: '1', b: '2' }), deployment(cloud, 'web', image)], {
        needs: ['db/server'],
      }),
    ])
  const dataOf = async (cloud: string, kind: string, name: string) =>
    (
      (await kube.get({ apiVersion: 'v1', kind, name, namespace: cloud })) as
        | { data?: Record<string, string> }
        | undefined
    )?.data

  test('what refers to something that the API server has yet to see is applied again', async () => {
    const cloud = freshName()
    let refusals = 2
    const late: Kube = {
      ...kube,
      apply: async (object, options) => {
        if (object.metadata.name === 'late' && options?.dryRun !== true && refusals-- > 0)
          throw new KubeError('kube-not-found', 'refused', 404, {})
        return await kube.apply(object, options)
      },
    }
    const units = [namespaceUnit(cloud), unitOf('late/it', [configMap(cloud, 'late', { a: '1' })])]
    const { emit } = recorder()
    expect((await apply(renderingOf(cloud, units), late, { emit, signal: never })).ok).toBe(true)
    expect(await dataOf(cloud, 'ConfigMap', 'late')).toEqual({ a: '1' })
  })

  test('creates everything; then there is nothing to do and nothing is written', async () => {
    const cloud = freshName()
    const planned = await plan(kit(cloud), kube)
    expect(planned.counts).toMatchObject({ created: 6, unchanged: 0 })
    const first = await up(kit(cloud))
    expect(first.failures).toEqual([])
    expect(first.result).toMatchObject({ ok: true, changes: { created: 6, configured: 0, deleted: 0 } })
    const before = kube.writes()
    const counting = createKube(cluster.server.access)
    const again = await apply(kit(cloud), counting, { emit: () => undefined, signal: never })
    expect(again).toMatchObject({
      ok: true,
      changes: { created: 0, configured: 0, replaced: 0, deleted: 0, unchanged: 6 },
    })
    expect(counting.writes()).toBe(0)
    expect(before).toBeGreaterThan(0)
    counting.close()
    expect((await plan(kit(cloud), kube)).empty).toBe(true)
    expect(await status(kit(cloud), kube)).toMatchObject({ healthy: true })
  })

  test('shows a changed field with its path, and never a secret', async () => {
    const cloud = freshName()
    await up(kit(cloud))
    const changed = kit(cloud, 'a:2')
    const text = JSON.stringify(changed).replaceAll('hush', 'louder')
    const planned = await plan(JSON.parse(text), kube)
    const change = planned.changes.find(({ action, ref }) => action === 'configured' && ref.kind === 'Deployment')
    expect(change?.diff).toContainEqual({
      path: 'spec.template.spec.containers[main].image',
      before: 'a:1',
      after: 'a:2',
    })
    expect(change?.diff.map(({ path }) => path)).toContain('spec.template.spec.containers[main].env[DB_PASSWORD].value')
    expect(JSON.stringify(planned.changes.map(({ diff }) => diff))).not.toMatch(/hush|louder/)
    const second = await up(changed)
    expect(second.result.changes).toMatchObject({ configured: 1, created: 0 })
  })

  test('drift made by another manager names it and is put back', async () => {
    const cloud = freshName()
    await up(kit(cloud))
    const other = createKube(cluster.server.access, { fieldManager: 'somebody' })
    await other.patch(
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'web', namespace: cloud },
      { data: { a: 'changed', extra: 'theirs' } },
    )
    other.close()
    const planned = await plan(kit(cloud), kube)
    const change = planned.changes.find(({ action }) => action === 'configured')
    expect(change).toMatchObject({
      drift: true,
      reasons: ['somebody changed data.a'],
      diff: [{ path: 'data.a', before: 'changed', after: '1' }],
    })
    await up(kit(cloud))
    expect(await dataOf(cloud, 'ConfigMap', 'web')).toEqual({ a: '1', b: '2', extra: 'theirs' })
    expect((await plan(kit(cloud), kube)).empty).toBe(true)
  })

  test('deletes what is no longer desired, last, and never a generated Secret or a claim', async () => {
    const cloud = freshName()
    const claim: KubeObject = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: cloud, labels: labels(cloud) },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }
    const full = kit(cloud)
    await up(renderingOf(cloud, [...full.units, unitOf('old/part', [configMap(cloud, 'old', {}), claim])]))
    const less = renderingOf(cloud, [namespaceUnit(cloud), ...full.units.slice(1)])
    const planned = await plan(less, kube)
    expect(
      planned.changes.filter(({ action }) => action === 'deleted').map(({ ref }) => `${ref.kind}/${ref.name}`),
    ).toEqual(['ConfigMap/old'])
    const { result, events } = await up(less)
    expect(result.changes).toMatchObject({ deleted: 1 })
    expect(
      events.findIndex((event) => event.type === 'change' && event.action === 'deleted' && event.planned),
    ).toBeGreaterThanOrEqual(0)
    expect(await dataOf(cloud, 'ConfigMap', 'old')).toBeUndefined()
    expect(Object.keys((await dataOf(cloud, 'Secret', 'keys')) ?? {})).toEqual(['admin', 'ca.crt', 'ca.key'])
  })

  test('replaces what cannot be changed', async () => {
    const cloud = freshName()
    await up(kit(cloud))
    const base = kit(cloud)
    const changed = renderingOf(
      cloud,
      base.units.map((unit) =>
        unit.id === 'db/server'
          ? { ...unit, objects: [configMap(cloud, 'db', { a: '1' }), statefulSet(cloud, 'db', '2Gi')] }
          : unit,
      ),
    )
    const planned = await plan(changed, kube)
    const change = planned.changes.find(({ action }) => action === 'replaced')
    expect(change?.ref).toMatchObject({ kind: 'StatefulSet', name: 'db' })
    expect(change?.diff.map(({ path }) => path).join()).toContain('storage')
    const { result, failures } = await up(changed)
    expect(failures).toEqual([])
    expect(result).toMatchObject({ ok: true, changes: { replaced: 1 } })
    expect((await plan(changed, kube)).empty).toBe(true)
  })

  test('two runs at once make each secret once', async () => {
    const cloud = freshName()
    const both = await Promise.all([up(kit(cloud), { holder: 'one' }), up(kit(cloud), { holder: 'two' })])
    expect(both.map(({ result }) => result.ok)).toEqual([true, true])
    expect(both.map(({ result }) => result.changes.created).toSorted()).toEqual([0, 6])
    const waited = both.flatMap(({ events }) => events).filter((event) => event.type === 'notice')
    expect(waited).toHaveLength(1)
    const secret = await dataOf(cloud, 'Secret', 'keys')
    await up(kit(cloud))
    expect(await dataOf(cloud, 'Secret', 'keys')).toEqual(secret)
    expect(JSON.stringify(both.map(({ events }) => events))).not.toContain(
      Buffer.from(secret?.['admin'] ?? '', 'base64').toString(),
    )
  })

  test('adds a missing key and leaves the others alone', async () => {
    const cloud = freshName()
    await up(kit(cloud))
    const before = await dataOf(cloud, 'Secret', 'keys')
    const secret = secretOf(cloud)
    const more = renderingOf(cloud, [
      namespaceUnit(cloud, [
        {
          ...secret,
          keys: {
            ...secret.keys,
            tls: { kind: 'certificate', ca: 'keys/ca', commonName: 'web', dnsNames: ['web'], ipAddresses: [] },
          },
        },
      ]),
      ...kit(cloud).units.slice(1),
    ])
    expect((await plan(more, kube)).counts).toMatchObject({ configured: 1 })
    await up(more)
    const after = await dataOf(cloud, 'Secret', 'keys')
    expect(after).toMatchObject(before ?? {})
    expect(Object.keys(after ?? {})).toEqual(['admin', 'ca.crt', 'ca.key', 'tls.crt', 'tls.key'])
  })

  test('a Job that gave up fails its unit, skips what hangs from it, and is made anew by the next run', async () => {
    const cloud = freshName()
    const rendering = renderingOf(cloud, [
      namespaceUnit(cloud),
      unitOf('db/sync', [job(cloud, 'sync')]),
      unitOf('web/api', [configMap(cloud, 'web', {})], { needs: ['db/sync'] }),
      unitOf('other/part', [configMap(cloud, 'other', {})]),
    ])
    const run = up(rendering)
    await until(() => kube.get({ apiVersion: 'batch/v1', kind: 'Job', name: 'sync', namespace: cloud }))
    await finishJob(kube, cloud, 'sync', 'Failed')
    const first = await run
    expect(first.result).toMatchObject({ ok: false, failed: ['db/sync'] })
    expect(first.events).toContainEqual({
      type: 'unit',
      unit: 'web/api',
      group: 'web',
      state: 'skipped',
      cause: 'db/sync',
    })
    expect(first.failures).toMatchObject([
      { problem: { code: 'unit-failed', why: expect.stringContaining('as the test wished') } },
    ])
    expect(await dataOf(cloud, 'ConfigMap', 'other')).toBeUndefined()
    const uid = (await kube.get({ apiVersion: 'batch/v1', kind: 'Job', name: 'sync', namespace: cloud }))?.metadata.uid
    expect((await plan(rendering, kube)).changes.find(({ ref }) => ref.kind === 'Job')).toMatchObject({
      action: 'replaced',
      reasons: ['its last run failed'],
    })
    const again = up(rendering)
    // No garbage collector runs here: take away the finalizer of the foreground deletion by hand.
    await until(async () => {
      const live = await kube.get({ apiVersion: 'batch/v1', kind: 'Job', name: 'sync', namespace: cloud })
      if (live?.metadata.deletionTimestamp !== undefined)
        await kube
          .patch(
            { apiVersion: 'batch/v1', kind: 'Job', name: 'sync', namespace: cloud },
            { metadata: { finalizers: null } },
          )
          .catch(() => undefined)
      return live !== undefined && live.metadata.uid !== uid
    })
    await finishJob(kube, cloud, 'sync', 'Complete')
    expect((await again).result).toMatchObject({ ok: true, failed: [] })
    expect((await plan(rendering, kube)).empty).toBe(true)
  })

  test('a wait that takes too long says what was not ready', async () => {
    const cloud = freshName()
    const rendering = renderingOf(cloud, [
      namespaceUnit(cloud),
      unitOf('db/sync', [job(cloud, 'sync')], { timeoutSeconds: 2 }),
    ])
    const { failures, events } = await up(rendering)
    expect(failures).toMatchObject([
      { unit: 'db/sync', problem: { code: 'unit-timeout', why: expect.stringContaining('Job') } },
    ])
    expect(events.find((event) => event.type === 'unit' && event.state === 'waiting')).toMatchObject({
      unit: 'db/sync',
    })
  })

  test('an interrupted run says so, and the next one goes on', async () => {
    const cloud = freshName()
    const controller = new AbortController()
    const rendering = renderingOf(cloud, [namespaceUnit(cloud), unitOf('db/sync', [job(cloud, 'sync')])])
    const emit = (event: { type: string; state?: string }): void => {
      if (event.state === 'waiting') controller.abort()
    }
    await expect(apply(rendering, kube, { emit, signal: controller.signal })).rejects.toMatchObject({
      code: 'interrupted',
    })
    await finishJob(kube, cloud, 'sync', 'Complete')
    expect((await up(rendering)).result).toMatchObject({ ok: true, changes: { created: 0 } })
  })

  test('the API server may restart in the middle', async () => {
    const cloud = freshName()
    const rendering = renderingOf(cloud, [
      namespaceUnit(cloud),
      unitOf('db/sync', [job(cloud, 'sync')]),
      unitOf('web/api', [configMap(cloud, 'web', {})], { needs: ['db/sync'] }),
    ])
    const run = up(rendering)
    await until(() => kube.get({ apiVersion: 'batch/v1', kind: 'Job', name: 'sync', namespace: cloud }))
    await cluster.server.restart()
    await finishJob(kube, cloud, 'sync', 'Complete')
    expect((await run).result).toMatchObject({ ok: true })
  })

  test('steps run once what they need has changed, and not when they say that nothing is to do', async () => {
    const cloud = freshName()
    const ran: string[] = []
    let made = false
    const actions = {
      make: {
        observe: async () => (made ? 'unchanged' : 'created'),
        run: async () => {
          ran.push('make')
          made = true
          return { action: 'created' as const, message: 'made' }
        },
      },
      verify: {
        run: async () => {
          ran.push('verify')
          return { action: 'unchanged' as const, message: 'works' }
        },
      },
    }
    const rendering = renderingOf(cloud, [
      namespaceUnit(cloud),
      unitOf('content/x', [], { kind: 'content', action: { name: 'make' } }),
      unitOf('verify/y', [], { kind: 'verify', action: { name: 'verify' }, needs: ['content/x'] }),
    ])
    expect((await up(rendering, { actions })).result.changes).toMatchObject({ created: 2 })
    expect(ran).toEqual(['make', 'verify'])
    expect((await up(rendering, { actions })).result).toMatchObject({ ok: true, changes: { created: 0, unchanged: 2 } })
    expect(ran).toEqual(['make', 'verify'])
    const failing = { ...actions, verify: { run: () => Promise.reject(new Error('no answer')) } }
    const changed = renderingOf(cloud, [...rendering.units, unitOf('z/z', [configMap(cloud, 'z', {})])])
    expect((await up(changed, { actions: failing })).result.ok).toBe(false)
    // Nothing is left to change, but the last run did not end well: verify again.
    expect((await up(changed, { actions })).result.ok).toBe(true)
    expect(ran).toEqual(['make', 'verify', 'verify'])
  })

  test('a run without some kinds of units leaves them to the next one', async () => {
    const cloud = freshName()
    const ran: string[] = []
    const verify = {
      run: async () => {
        ran.push('verify')
        return { action: 'unchanged' as const, message: 'works' }
      },
    }
    const rendering = renderingOf(cloud, [
      namespaceUnit(cloud),
      unitOf('verify/y', [], { kind: 'verify', action: { name: 'verify' } }),
    ])
    const first = await up(rendering, { actions: { verify }, without: ['verify'] })
    expect(first.result).toMatchObject({ ok: true, changes: { created: 1 } })
    expect(ran).toEqual([])
    expect((await up(rendering, { actions: { verify } })).result.ok).toBe(true)
    expect((await up(rendering, { actions: { verify } })).result.ok).toBe(true)
    expect(ran).toEqual(['verify'])
  })

  test('Pods that nobody rolls out are told with the change of their template', async () => {
    const cloud = freshName()
    const agent = (image: string): KubeObject => {
      const { metadata, spec } = deployment(cloud, 'agent', image) as KubeObject & { spec: Record<string, unknown> }
      const { replicas: _, ...rest } = spec
      return {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata,
        spec: { ...rest, updateStrategy: { type: 'OnDelete' } },
      }
    }
    const at = (image: string) => renderingOf(cloud, [namespaceUnit(cloud), unitOf('a/agent', [agent(image)])])
    await up(renderingOf(cloud, [namespaceUnit(cloud)]))
    await kube.apply(agent('a:1'))
    expect((await plan(at('a:1'), kube)).empty).toBe(true)
    const change = (await plan(at('a:2'), kube)).changes.find(({ ref }) => ref.kind === 'DaemonSet')
    expect(change).toMatchObject({
      action: 'configured',
      reasons: [expect.stringContaining(`./croque kubectl -n ${cloud} delete pod -l app=agent`)],
    })
  })

  test('all objects that the server refuses are named at once', async () => {
    const cloud = freshName()
    await up(renderingOf(cloud, [namespaceUnit(cloud)]))
    const wrong = (name: string): KubeObject => ({ ...configMap(cloud, name, {}), data: { 'not a key!': 'x' } })
    const rendering = renderingOf(cloud, [namespaceUnit(cloud), unitOf('a/a', [wrong('one'), wrong('two')])])
    await expect(plan(rendering, kube)).rejects.toMatchObject({
      code: 'kube-invalid',
      why: expect.stringMatching(/one.*\n.*two/),
    })
  })

  test('plan after apply is empty, whatever the objects', async () => {
    const key = fc.stringMatching(/^[a-z]{1,6}$/)
    const cloud = freshName()
    const sets = fc.array(
      fc.record({
        name: fc.stringMatching(/^[a-z]{1,4}$/),
        data: fc.dictionary(key, fc.string()),
        image: fc.constantFrom('a:1', 'b:2'),
      }),
      { maxLength: 4 },
    )
    await fc.assert(
      fc.asyncProperty(sets, async (items) => {
        const unique = [...new Map(items.map((item) => [item.name, item])).values()]
        const rendering = renderingOf(cloud, [
          namespaceUnit(cloud),
          ...unique.map(({ name, data, image }) =>
            unitOf(`x/${name}`, [configMap(cloud, name, data), deployment(cloud, name, image)]),
          ),
        ])
        expect((await up(rendering)).result.ok).toBe(true)
        const after = await plan(rendering, kube)
        expect(after.changes.filter(({ action }) => action !== 'unchanged')).toEqual([])
      }),
      { numRuns: 12 },
    )
  })

  test('remove takes away everything of ours and nothing else', async () => {
    const [cloud, other] = [freshName(), freshName()]
    await up(kit(cloud))
    await up(kit(other))
    const removing = new AbortController()
    const run = remove(kit(cloud), kube, { emit: () => undefined, signal: removing.signal })
    await until(
      async () =>
        (await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: cloud }))?.metadata.deletionTimestamp !==
        undefined,
    )
    // No namespace controller runs here; the namespace stays `Terminating`.
    removing.abort()
    await expect(run).rejects.toThrow()
    expect((await plan(kit(other), kube)).empty).toBe(true)
  })

  describe('a kind that a cloud defines', () => {
    /** A cloud in a namespace that was there before, with a definition whose objects hold on to themselves. */
    const defining = async () => {
      const cloud = freshName()
      const definition = definitionOf(cloud)
      const rendering = renderingOf(cloud, [unitOf('base/all', [definition], { needs: [] })])
      await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: cloud } })
      expect((await up(rendering)).failures).toEqual([])
      return { cloud, definition, rendering, kept: await objectOf(cloud, cloud) }
    }
    const objectOf = async (cloud: string, namespace: string): Promise<ObjectRef> => {
      const { spec } = definitionOf(cloud)
      const about = { apiVersion: `${spec.group}/v1`, kind: spec.names.kind }
      const metadata = { name: 'one', namespace, finalizers: [`${spec.group}/held`] }
      await kube.create({ ...about, metadata })
      return { ...about, name: 'one', namespace }
    }
    const removed = async (rendering: Rendering) => {
      const seen = recorder()
      const counts = await remove(rendering, kube, { emit: seen.emit, signal: never })
      return { counts, notices: seen.events.flatMap((event) => (event.type === 'notice' ? [event.message] : [])) }
    }

    test('goes with the cloud, and with it its objects, whatever holds them', async () => {
      const { definition, rendering } = await defining()
      const { counts, notices } = await removed(rendering)
      expect([counts.deleted, notices]).toEqual([1, []])
      expect(await kube.get(refOf(definition))).toBeUndefined()
      // Once more, with nothing there.
      expect((await removed(rendering)).counts.deleted).toBe(0)
    })

    test('stays with the objects of others, and is told', async () => {
      const { cloud, definition, rendering, kept } = await defining()
      const foreign = await objectOf(cloud, 'default')
      const { counts, notices } = await removed(rendering)
      expect(counts.deleted).toBe(0)
      expect(notices).toEqual([expect.stringContaining('stays: default has objects of it')])
      expect(await kube.get(kept)).toBeUndefined()
      expect((await kube.get(foreign))?.metadata.deletionTimestamp).toBeUndefined()
      expect(await kube.get(refOf(definition))).toBeDefined()
    })

    test('is no leftover when the cloud does not define it any more', async () => {
      const { cloud } = await defining()
      const without = renderingOf(cloud, [unitOf('base/all', [configMap(cloud, 'a', {})], { needs: [] })])
      expect((await plan(without, kube)).changes.map(({ action, ref }) => [action, ref.kind])).toEqual([
        ['created', 'ConfigMap'],
      ])
    })
  })
})

function definitionOf(cloud: string) {
  const group = `${cloud}.example.org`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}`, labels: labels(cloud) },
    spec: {
      group,
      names: { kind: 'Thing', plural: 'things' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }
}

async function until(check: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await check()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('did not come')
}
