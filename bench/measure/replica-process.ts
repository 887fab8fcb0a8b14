/**
 * A replica of the clusters API as its container runs it, with a driver that makes nothing: reads how to be from its input, and tells over
 * IPC ({@link ReplicaSaid}) when it is ready and when its driver is called. Its log goes to stdout, as in a container.
 */
import { text } from 'node:stream/consumers'
import { createRegistry, type Driver } from '../../src/clusters/drivers/index.ts'
import { lineLog } from '../../src/clusters/index.ts'
import { loadConfig, serve } from '../../src/clusters/serve/index.ts'
import type { KubeEndpoint } from '../../src/kube/index.ts'

export interface ReplicaAsked {
  readonly endpoint: KubeEndpoint
  /** YAML. */
  readonly config: string
}

/** `at`: milliseconds since 1970; `busy`: of a processor, ms. */
export type ReplicaSaid =
  | { readonly ready: string; readonly at: number; readonly busy: number }
  | { readonly called: string; readonly at: number }

const now = (): number => performance.timeOrigin + performance.now()
const say = (said: ReplicaSaid): void => void process.send?.(said)

const driver: Driver = {
  name: 'heat',
  covers: ['debian', 'fedora-coreos'].map((distro) => ({ coe: 'kubernetes', distro, serverType: 'vm' })),
  reconcile: async ({ cluster }) => {
    say({ called: cluster.uuid, at: now() })
    return { state: 'done', facts: {} }
  },
  remove: async () => ({ state: 'done', facts: {} }),
  health: async ({ cluster: { status } }) => ({
    status: status.healthStatus ?? 'HEALTHY',
    reason: status.healthStatusReason ?? {},
  }),
}

process.on('disconnect', () => process.exit())
const { endpoint, config } = JSON.parse(await text(process.stdin)) as ReplicaAsked
const { ready, url } = await serve({
  config: loadConfig(config, {}),
  endpoint,
  name: 'bench',
  drivers: createRegistry([driver]),
  log: lineLog((line) => void process.stdout.write(line), Date.now),
})
await ready
const { user, system } = process.cpuUsage()
say({ ready: url, at: now(), busy: (user + system) / 1000 })
