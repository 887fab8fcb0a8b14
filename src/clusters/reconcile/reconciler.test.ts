import { describe, expect, test } from 'vitest'
import type { Wish } from '../drivers/index.ts'
import { nodeGroupSpecFixture } from '../model/fixture.ts'
import { type ClusterSpec, claimPlace, quotaUuid, visibleStatus } from '../model/index.ts'
import { done, failed, startTrial, type Trial, waiting } from './trial.ts'

const minute = 60_000

/** Status, reason, progress, and statuses of node groups, of the cluster as it is. */
function seen({ cluster, store }: Trial) {
  const found = cluster()
  if (found === undefined) return undefined
  const groups = store.nodeGroups.ofCluster(found.uuid).map(({ spec, status }) => `${spec.name} ${status.status}`)
  const { statusReason, progress, faults } = found.status
  return { status: visibleStatus(found), groups, ...defined({ statusReason, progress, faults }) }
}

const defined = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

test('a cluster comes', async () => {
  const trial = startTrial()
  trial.answers.make = () => waiting('2 of 2 servers', 10_000)
  await trial.create()
  await trial.clock.advance(5000)
  expect(seen(trial)).toEqual({
    status: 'CREATE_IN_PROGRESS',
    progress: 'Waiting for 2 of 2 servers',
    groups: ['default-master CREATE_IN_PROGRESS', 'default-worker CREATE_IN_PROGRESS'],
  })
  trial.answers.make = () => done()
  await trial.clock.advance(20_000)
  expect(seen(trial)).toEqual({
    status: 'CREATE_COMPLETE',
    groups: ['default-master CREATE_COMPLETE', 'default-worker CREATE_COMPLETE'],
  })
  expect(trial.cluster()?.status).toMatchObject({ apiAddress: 'https://api:6443', stackId: 'stack', coeVersion: 'v1' })
  // What it wrote itself did not call the driver again before its time.
  expect(trial.calls()).toBe('make@0 make@10')
  expect(trial.tales()).toEqual(['CreateBegan', 'Waiting', 'CreateSucceeded'])
  await trial.stop()
})

test('conditions tell where it stands, and move only when something does', async () => {
  const trial = startTrial()
  trial.answers.make = () => waiting('a server', 10_000)
  await trial.create()
  await trial.clock.advance(25_000)
  const list = () =>
    trial.cluster()?.status.conditions?.map(({ type, status, reason, lastTransitionTime }) => {
      return `${type} ${status} ${reason} ${lastTransitionTime.slice(14, 19)}`
    })
  expect(list()).toEqual([
    'CertificatesReady True Prepared 00:00',
    'InfrastructureReady False Waiting 00:00',
    'Ready False CreateInProgress 00:00',
  ])
  trial.answers.make = () => done()
  await trial.clock.advance(10_000)
  expect(list()).toEqual([
    'CertificatesReady True Prepared 00:00',
    'InfrastructureReady True AsWished 00:30',
    'Ready True CreateComplete 00:30',
  ])
  await trial.stop()
})

describe('what does not come in time has failed', () => {
  test('with the call that failed last', async () => {
    const trial = startTrial()
    trial.answers.make = () => {
      throw new Error('POST /v2.1/servers: 503 Service Unavailable')
    }
    await trial.create({ spec: { createTimeout: 10 } })
    await trial.clock.advance(5000)
    expect(seen(trial)).toMatchObject({
      status: 'CREATE_IN_PROGRESS',
      progress: 'Hindered, and tried again: POST /v2.1/servers: 503 Service Unavailable',
    })
    await trial.clock.advance(11 * minute)
    const reason =
      'Not done within 10 minutes (create_timeout); the last that failed: POST /v2.1/servers: 503 Service Unavailable'
    expect(seen(trial)).toEqual({
      status: 'CREATE_FAILED',
      statusReason: reason,
      faults: { 'default-master': reason, 'default-worker': reason, demo: reason },
      groups: ['default-master CREATE_FAILED', 'default-worker CREATE_FAILED'],
    })
    const calls = trial.calls()
    await trial.clock.advance(60 * minute)
    expect(trial.calls()).toBe(calls)
    expect(trial.tales()).toEqual(['CreateBegan', 'Hindered', 'CreateFailed'])
    await trial.stop()
  })

  test('with what was waited for, at the moment when the time is over', async () => {
    const trial = startTrial()
    trial.answers.make = () => waiting('the load balancer', 50 * minute)
    await trial.create({ spec: { createTimeout: 60 } })
    await trial.clock.advance(60 * minute + 1000)
    expect(seen(trial)).toMatchObject({
      status: 'CREATE_FAILED',
      statusReason: 'Not done within 60 minutes (create_timeout); it still waited for the load balancer',
    })
    await trial.stop()
  })

  test('but not where it may take for ever', async () => {
    const trial = startTrial()
    trial.answers.make = () => waiting('a server', minute)
    await trial.create({ spec: { createTimeout: 0 } })
    await trial.clock.advance(600 * minute)
    expect(seen(trial)?.status).toBe('CREATE_IN_PROGRESS')
    await trial.stop()
  })

  test('also when the driver never answers', async () => {
    const trial = startTrial({ callMs: 30_000 })
    trial.answers.make = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
      })
    await trial.create({ spec: { createTimeout: 5 } })
    await trial.clock.advance(10 * minute)
    expect(trial.cluster()?.status.statusReason).toContain('the driver did not answer within 30 seconds')
    await trial.stop()
  })
})

async function created(
  options: Parameters<typeof startTrial>[0] = {},
  spec: Partial<ClusterSpec> = {},
): Promise<Trial> {
  const trial = startTrial(options)
  await trial.create({ spec })
  await trial.clock.advance(1000)
  return trial
}

test('groups that failed by themselves are named; the next wish may do better', async () => {
  const trial = await created()
  trial.answers.make = () => done({ w: { failure: 'No valid host was found' } })
  await trial.wish('resize', { 'default-worker': { nodeCount: 5 } })
  await trial.clock.advance(1000)
  expect(seen(trial)).toEqual({
    status: 'UPDATE_FAILED',
    statusReason: 'default-worker failed',
    faults: { 'default-worker': 'No valid host was found' },
    groups: ['default-master CREATE_COMPLETE', 'default-worker UPDATE_FAILED'],
  })
  trial.answers.make = () => done()
  await trial.wish('resize', { 'default-worker': { nodeCount: 2 } })
  await trial.clock.advance(1000)
  expect(seen(trial)).toEqual({
    status: 'UPDATE_COMPLETE',
    groups: ['default-master CREATE_COMPLETE', 'default-worker UPDATE_COMPLETE'],
  })
  await trial.stop()
})

test('a node group comes, and goes', async () => {
  const trial = await created()
  trial.answers.make = () => waiting('a server')
  await trial.wish('nodegroup-create', { extra: { nodeCount: 2 } })
  await trial.clock.advance(1000)
  expect(seen(trial)?.groups).toEqual([
    'default-master CREATE_COMPLETE',
    'default-worker CREATE_COMPLETE',
    'extra CREATE_IN_PROGRESS',
  ])
  trial.answers.make = () => done()
  await trial.clock.advance(10_000)
  await trial.wish('nodegroup-delete', { extra: undefined })
  trial.answers.make = ({ nodeGroups }) => waiting(`${nodeGroups.length} groups`)
  await trial.clock.advance(1000)
  expect(seen(trial)).toMatchObject({
    progress: 'Waiting for 2 groups',
    groups: ['default-master CREATE_COMPLETE', 'default-worker CREATE_COMPLETE', 'extra DELETE_IN_PROGRESS'],
  })
  trial.answers.make = () => done()
  await trial.clock.advance(10_000)
  expect(seen(trial)).toEqual({
    status: 'UPDATE_COMPLETE',
    groups: ['default-master CREATE_COMPLETE', 'default-worker CREATE_COMPLETE'],
  })
  await trial.stop()
})

test('nodes that had to go are asked for until they are gone', async () => {
  const trial = await created()
  const asked: string[] = []
  trial.answers.make = ({ nodeGroups }) => {
    asked.push(nodeGroups.flatMap(({ spec }) => spec.nodesToRemove).join())
    const removed = asked.length === 1 ? ['0'] : []
    return { state: 'waiting', for: 'nodes', afterMs: 1000, facts: { nodeGroups: { w: { removed } } } }
  }
  await trial.wish('resize', { 'default-worker': { nodesToRemove: ['0', 'b'] } })
  await trial.clock.advance(1500)
  expect(asked).toEqual(['0,b', 'b'])
  trial.answers.make = () => done()
  await trial.clock.advance(2000)
  expect(trial.store.nodeGroups.get('w')?.spec.nodesToRemove).toEqual([])
  await trial.stop()
})

test('a wish that failed is undone where that was wished', async () => {
  const trial = await created()
  trial.answers.make = ({ nodeGroups }) =>
    nodeGroups.some(({ spec }) => spec.nodeCount > 3) ? failed('Quota exceeded for instances') : waiting('servers')
  await trial.wish('update', { 'default-worker': { nodeCount: 9 } }, { rollback: true })
  await trial.clock.advance(1000)
  expect(seen(trial)).toMatchObject({ status: 'ROLLBACK_IN_PROGRESS', progress: 'Waiting for servers' })
  expect(trial.store.nodeGroups.get('w')?.spec.nodeCount).toBe(1)
  trial.answers.make = () => done()
  await trial.clock.advance(10_000)
  expect(seen(trial)).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    statusReason: 'Undone, since it failed: Quota exceeded for instances',
  })
  expect(trial.tales().slice(2)).toEqual(['UpdateBegan', 'TurnedBack', 'RollbackBegan', 'Waiting', 'RollbackSucceeded'])
  await trial.stop()
})

describe('a cluster goes', () => {
  test('with everything that is its own, and its place in the quota', async () => {
    const trial = await created()
    await trial.wish('delete')
    await trial.clock.advance(1000)
    expect(trial.cluster()).toBeUndefined()
    expect(trial.store.nodeGroups.all()).toEqual([])
    expect(trial.store.quotas.get(quotaUuid('project', 'Cluster'))?.spec.claims).toEqual({})
    expect(trial.tales().slice(2)).toEqual(['DeleteBegan', 'DeleteSucceeded'])
    await trial.stop()
  })

  test('while it is still being made', async () => {
    const trial = startTrial()
    trial.answers.make = () => waiting('servers', 50 * minute)
    await trial.create()
    await trial.clock.advance(1000)
    await trial.wish('delete')
    await trial.clock.advance(1000)
    expect(trial.cluster()).toBeUndefined()
    await trial.stop()
  })

  test('also past the API', async () => {
    const trial = await created()
    const cluster = trial.cluster()
    if (cluster !== undefined) await trial.store.clusters.delete(cluster)
    await trial.clock.advance(1000)
    expect(trial.cluster()).toBeUndefined()
    await trial.stop()
  })

  test('later, when it could not at first, without being asked again', async () => {
    const trial = await created()
    trial.answers.remove = () => failed('DELETE /v2.0/networks/n: 409 There are ports in use')
    await trial.wish('delete')
    await trial.clock.advance(1000)
    expect(seen(trial)).toMatchObject({
      status: 'DELETE_FAILED',
      statusReason: 'DELETE /v2.0/networks/n: 409 There are ports in use',
      groups: ['default-master DELETE_FAILED', 'default-worker DELETE_FAILED'],
    })
    await trial.clock.advance(15 * minute)
    expect(trial.calls()).toContain('remove@1 remove@601')
    expect(trial.tales().filter((tale) => tale === 'DeleteFailed')).toHaveLength(1)
    trial.answers.remove = () => done()
    await trial.clock.advance(15 * minute)
    expect(trial.cluster()).toBeUndefined()
    await trial.stop()
  })

  test('at once, when it is wished again', async () => {
    const trial = await created()
    trial.answers.remove = () => failed('no')
    await trial.wish('delete')
    await trial.clock.advance(1000)
    trial.answers.remove = () => done()
    await trial.wish('delete')
    await trial.clock.advance(1000)
    expect(trial.cluster()).toBeUndefined()
    await trial.stop()
  })

  test('also when no driver ever served it', async () => {
    const trial = await created({ covers: 'ubuntu' })
    expect(seen(trial)).toMatchObject({
      status: 'CREATE_FAILED',
      statusReason:
        'Cluster type (vm, debian, kubernetes) not supported; served here: (vm, ubuntu, kubernetes), where the second is os_distro of the image.',
    })
    await trial.wish('delete')
    await trial.clock.advance(1000)
    expect(trial.cluster()).toBeUndefined()
    expect(trial.calls()).toBe('')
    await trial.stop()
  })
})

test('a node group that the cluster does not list is not made, and cleared away', async () => {
  const trial = startTrial()
  const { uuid } = await trial.create({ spec: { nodeGroups: ['m', 'w'] } })
  await trial.clock.advance(5000)
  const made: string[] = []
  trial.answers.make = ({ nodeGroups }) => {
    made.push(...nodeGroups.map(({ spec }) => spec.name))
    return done()
  }
  await trial.store.nodeGroups.create('x', nodeGroupSpecFixture({ name: 'extra', clusterId: uuid }))
  await trial.wish('resize', { 'default-worker': { nodeCount: 2 } })
  await trial.clock.advance(5000)
  expect(made).toEqual(['default-master', 'default-worker'])
  expect(seen(trial)?.groups).toEqual(['default-master CREATE_COMPLETE', 'default-worker UPDATE_COMPLETE'])
  await trial.stop()
})

test('node groups of a cluster that is gone are cleared away', async () => {
  const trial = await created()
  const group = trial.store.nodeGroups.get('w')
  await trial.wish('delete')
  await trial.clock.advance(1000)
  if (group !== undefined) await trial.store.nodeGroups.create('late', group.spec)
  await trial.clock.advance(1000)
  expect(trial.store.nodeGroups.all()).toEqual([])
  await trial.stop()
})

describe('a cluster whose place in the quota was given away', () => {
  const late = async (others: number) => {
    const trial = startTrial({ defaultLimit: 1 })
    for (let i = 0; i < others; i++) {
      const now = () => new Date(trial.clock.now())
      await claimPlace(trial.store, { projectId: 'project', clusterId: `other-${i}`, defaultLimit: 1, now })
    }
    await trial.create({ claims: false })
    await trial.clock.advance(1000)
    return trial
  }

  test('takes one that is free', async () => {
    const trial = await late(0)
    expect(seen(trial)?.status).toBe('CREATE_COMPLETE')
    await trial.stop()
  })

  test('fails before anything of it is made when there is none', async () => {
    const trial = await late(1)
    expect(seen(trial)).toMatchObject({ status: 'CREATE_FAILED' })
    expect(trial.cluster()?.status.statusReason).toContain('The project has its 1 clusters already')
    expect(trial.calls()).toBe('')
    await trial.stop()
  })
})

describe('certificates', () => {
  test('that cannot be made hinder, and say so', async () => {
    let broken = true
    const certificates = {
      prepare: async () => {
        if (broken) throw new Error('the API server said 500')
        return { phase: 'settled' }
      },
      conclude: async () => 'done' as const,
    }
    const trial = startTrial({ certificates })
    await trial.create()
    await trial.clock.advance(100)
    const text = 'the certificate authorities could not be made: the API server said 500'
    expect(seen(trial)).toMatchObject({ status: 'CREATE_IN_PROGRESS', progress: `Hindered, and tried again: ${text}` })
    expect(trial.cluster()?.status.conditions?.[0]).toMatchObject({ type: 'CertificatesReady', status: 'False' })
    expect(trial.calls()).toBe('')
    broken = false
    await trial.clock.advance(2000)
    expect(seen(trial)?.status).toBe('CREATE_COMPLETE')
    await trial.stop()
  })

  test('are rotated in phases, and nodes follow each of them', async () => {
    const phases = ['introducing', 'replacing', 'settled']
    let at = 2
    const certificates = {
      prepare: async ({ spec }: { readonly spec: { readonly operation: { readonly kind: string } } }) => {
        if (spec.operation.kind === 'rotate-ca' && at === 2 && !rotated) at = 0
        return { phase: phases[at] ?? '' }
      },
      conclude: async () => {
        if (at === 2) return 'done' as const
        at++
        rotated = true
        return 'again' as const
      },
    }
    let rotated = false
    const trial = await created({ certificates })
    await trial.wish('rotate-ca')
    await trial.clock.advance(2000)
    expect(seen(trial)?.status).toBe('UPDATE_COMPLETE')
    expect(trial.calls()).toBe('make@0 make@1 make@1 make@1')
    await trial.stop()
  })
})

describe('health', () => {
  test('is looked at once a minute, and written when it changes', async () => {
    const trial = await created()
    await trial.clock.advance(61_000)
    expect(trial.cluster()?.status).toMatchObject({ healthStatus: 'HEALTHY', healthStatusReason: { api: 'ok' } })
    const version = trial.cluster()?.resourceVersion
    await trial.clock.advance(5 * minute)
    expect(trial.cluster()?.resourceVersion).toBe(version)
    expect(trial.calls().match(/health/g)).toHaveLength(6)
    await trial.stop()
  })

  test('is unknown when it cannot be asked for', async () => {
    const trial = await created()
    trial.answers.health = () => {
      throw new Error('connect ECONNREFUSED')
    }
    await trial.clock.advance(61_000)
    expect(trial.cluster()?.status).toMatchObject({
      healthStatus: 'UNKNOWN',
      healthStatusReason: { api: 'connect ECONNREFUSED' },
    })
    await trial.stop()
  })

  test('is left to whoever reports it himself, for a while', async () => {
    const trial = await created()
    const cluster = trial.cluster()
    if (cluster === undefined) throw new Error('no cluster')
    const healthReportedAt = new Date(trial.clock.now()).toISOString()
    await trial.store.clusters.setStatus(cluster, { ...cluster.status, healthStatus: 'UNHEALTHY', healthReportedAt })
    await trial.clock.advance(2 * minute)
    expect(trial.calls()).toBe('make@0')
    expect(trial.cluster()?.status.healthStatus).toBe('UNHEALTHY')
    await trial.clock.advance(3 * minute)
    expect(trial.cluster()?.status.healthStatus).toBe('HEALTHY')
    await trial.stop()
  })

  test('waits for nobody: a wish that comes interrupts the look', async () => {
    const trial = await created()
    trial.answers.health = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    await trial.clock.advance(32_000)
    expect(trial.calls()).toBe('make@0 health@30')
    await trial.wish('resize', { 'default-worker': { nodeCount: 2 } })
    await trial.clock.advance(100)
    expect(trial.calls()).toBe('make@0 health@30 make@33')
    expect(trial.cluster()?.status.healthStatus).toBeUndefined()
    await trial.stop()
  })

  const dead = { group: 'w', node: '0', why: 'demo-node-0: its server is gone' }
  const unhealthy = {
    status: 'UNHEALTHY',
    reason: { api: 'ok', 'demo-node-0.Ready': 'Unknown' },
    dead: [dead],
  } as const
  const heals = { labels: { auto_healing_enabled: 'True' } }

  test('heals where the label asks for it: the dead are wished away, in the name of who wished last', async () => {
    const trial = await created({}, heals)
    trial.answers.health = () => unhealthy
    const wishes: Wish[] = []
    trial.answers.make = (wish) => {
      wishes.push(wish)
      trial.answers.health = () => ({ status: 'HEALTHY', reason: { api: 'ok' } })
      return waiting('node demo-node-1: it starts')
    }
    await trial.clock.advance(61_000)
    expect(wishes[0]?.nodeGroups.map(({ spec }) => [spec.name, spec.nodeCount, spec.nodesToRemove])).toEqual([
      ['default-master', 1, []],
      ['default-worker', 1, ['0']],
    ])
    const { spec, status } = trial.cluster() ?? {}
    expect(spec?.operation).toMatchObject({ kind: 'resize', userId: 'user', requestId: 'req-1' })
    expect(status).toMatchObject({ healthStatus: 'UNHEALTHY', progress: 'Waiting for node demo-node-1: it starts' })
    trial.answers.make = () => done()
    await trial.clock.advance(2 * minute)
    expect(trial.cluster()?.status).toMatchObject({
      status: 'UPDATE_COMPLETE',
      statusReason: 'Healed: demo-node-0: its server is gone',
      healthStatus: 'HEALTHY',
    })
    expect(trial.store.nodeGroups.get('w')?.spec.nodesToRemove).toEqual([])
    await trial.stop()
  })

  test.each([
    ['no label asks for it', {}],
    ['the label forbids it', { labels: { auto_healing_enabled: 'false' } }],
  ])('leaves the dead alone where %s', async (_, spec) => {
    const trial = await created({}, spec)
    trial.answers.health = () => unhealthy
    await trial.clock.advance(5 * minute)
    expect(trial.calls()).not.toMatch(/make.*make/)
    expect(trial.cluster()?.status.healthStatus).toBe('UNHEALTHY')
    await trial.stop()
  })

  test('does not try for ever: what was not healed waits for somebody', async () => {
    const trial = await created({}, heals)
    trial.answers.health = () => unhealthy
    trial.answers.make = () => failed('quota: cores 20 of 20 used')
    await trial.clock.advance(5 * minute)
    expect(trial.calls().match(/make/g)).toHaveLength(2)
    expect(trial.cluster()?.status).toMatchObject({ status: 'UPDATE_FAILED', healthStatus: 'UNHEALTHY' })
    await trial.stop()
  })

  test('is not asked for where nothing has an address', async () => {
    const trial = startTrial()
    trial.answers.make = () => failed('no')
    await trial.create()
    await trial.clock.advance(5 * minute)
    expect(trial.calls()).toBe('make@0')
    await trial.stop()
  })
})

test('what an auto-healer writes meanwhile stays', async () => {
  const trial = startTrial()
  trial.answers.make = async () => {
    const cluster = trial.cluster()
    if (cluster !== undefined)
      await trial.store.clusters.setStatus(cluster, { ...cluster.status, healthStatus: 'UNHEALTHY' })
    return done()
  }
  await trial.create()
  await trial.clock.advance(1000)
  expect(trial.cluster()?.status).toMatchObject({ status: 'CREATE_COMPLETE', healthStatus: 'UNHEALTHY' })
  await trial.stop()
})

test('a newer wish that comes during a call takes its place', async () => {
  const trial = await created()
  let calls = 0
  trial.answers.make = async ({ nodeGroups }) => {
    if (++calls === 1) await trial.wish('resize', { 'default-worker': { nodeCount: 7 } })
    return nodeGroups.some(({ spec }) => spec.nodeCount === 7) ? done() : failed('the old wish')
  }
  await trial.wish('resize', { 'default-worker': { nodeCount: 5 } })
  await trial.clock.advance(2000)
  expect(seen(trial)).toMatchObject({ status: 'UPDATE_COMPLETE' })
  expect(trial.tales()).not.toContain('ResizeFailed')
  await trial.stop()
})
