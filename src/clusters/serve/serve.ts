/**
 * The service, put together: state on an API server, callers by Keystone, the API, the operators' listener, and the reconciler where this
 * replica is elected. Parts begin in the order of the list below and end in the reverse one: requests before what they read.
 */
import { randomUUID } from 'node:crypto'
import { createKube, type KubeEndpoint } from '../../kube/index.ts'
import { generateKeys, library } from '../../pki/index.ts'
import { createSideServer, openApiDocument } from '../api/index.ts'
import { createCertificates, keyStock } from '../certificates/index.ts'
import { type Clock, systemClock } from '../clock/index.ts'
import type { DriverRegistry } from '../drivers/index.ts'
import { lookups } from '../lookups/index.ts'
import { createMetrics } from '../metrics/index.ts'
import { openDesk, openLedger } from '../nodes/index.ts'
import { openReviews } from '../reviews/index.ts'
import { openClusterStore } from '../store/index.ts'
import { callersOf, connectCloud, policyOf, tokensOf } from './access.ts'
import { autoscalersOf } from './autoscalers.ts'
import { startConductor } from './conductor.ts'
import type { ServiceConfig } from './config.ts'
import { driversOf } from './drivers.ts'
import { type Handlers, listenApi } from './listen.ts'
import { errorText, type Log } from './log.ts'
import { certificateSettings, routesOf } from './routes.ts'
import { nodeSecrets } from './secrets.ts'
import { voicesOf } from './voices.ts'

export interface ServeOptions {
  readonly config: ServiceConfig
  /** The API server that holds the state; its kinds have to be there. */
  readonly endpoint: KubeEndpoint
  /** What this process is called, a Pod's name; it is made unique. Letters, digits, `-` and `.`. */
  readonly name: string
  readonly log: Log
  /** @default the system's */
  readonly clock?: Clock
  /** From 0 to 1, without 1. @default Math.random */
  readonly random?: () => number
  /** @default those that the configuration names */
  readonly drivers?: DriverRegistry
}

export interface Served {
  /** `http://127.0.0.1:9511` */
  readonly url: string
  readonly operatorUrl: string
  /** Everything that is kept is in memory, and requests are answered at once. */
  readonly ready: Promise<void>
  /** Rejects when a part ended that must not; never resolves. */
  readonly broken: Promise<never>
  /** Lets requests that are under way end, gives the lease back, and closes everything. */
  readonly stop: () => Promise<void>
}

/** Listens when it resolves. @throws CroqueError `config-invalid`, and what listening may fail with */
export async function serve(options: ServeOptions): Promise<Served> {
  const parts = new AsyncDisposableStack()
  try {
    return { ...(await begin(options, parts)), stop: async () => await parts.disposeAsync() }
  } catch (error) {
    await parts.disposeAsync()
    throw error
  }
}

async function begin(options: ServeOptions, parts: AsyncDisposableStack): Promise<Omit<Served, 'stop'>> {
  const { config, endpoint, log, clock = systemClock, random = Math.random } = options
  const { namespace } = config.kubernetes
  const replica = `${options.name}-${randomUUID().slice(0, 8)}`
  const now = (): Date => new Date(clock.now())
  const metrics = createMetrics()

  const policy = await policyOf(config)
  const cloud = await connectCloud(config)
  parts.defer(cloud.close)

  const kube = createKube(endpoint)
  parts.defer(() => kube.close())
  const reading = new AbortController()
  const store = openClusterStore({
    ...{ kube, namespace, replica, now, signal: reading.signal },
    onFault: (kind, error) => log({ level: 'WARNING', message: `The watch of ${kind} ended: ${errorText(error)}` }),
  })
  parts.defer(async () => {
    reading.abort()
    await store.ended
  })

  const settings = certificateSettings(config)
  const keys = keyStock(() => generateKeys(settings.serviceAccountKeys), clock)
  const certificates = createCertificates({ store, now, settings, serviceAccountKeys: keys.take })
  const ledger = openLedger(store)
  const surroundings = { clock, store, ledger, certificates }
  const drivers = options.drivers ?? (await driversOf(config, surroundings))
  const voices = await voicesOf({ config, kube, store, replica, clock, log })
  parts.defer(voices.close)
  const working = startConductor({
    ...{ config, endpoint, replica, clock, random, log, metrics, tell: voices.story },
    ...{ store, drivers, certificates },
  })
  parts.defer(working.stop)

  const routes = routesOf({
    ...{ config, store, policy, drivers, cloud, certificates, now, random },
    lookups: lookups({ forwarding: cloud.forwarding }),
    notify: voices.notify,
    services: working.rows,
  })
  const people = callersOf(config, { cloud, policy, log })
  const autoscalers = autoscalersOf(config, { store, ledger, drivers, now })
  let synced = false
  const ready = store.synced.then(() => {
    synced = true
    // For the first cluster, and not before: they would take their time from those who wait for that.
    keys.fill()
    library().catch(() => undefined)
  })
  const isReady = (): boolean => synced
  const desk = openDesk({
    store,
    ledger,
    certificates,
    now,
    secrets: await nodeSecrets(config, { store, certificates }),
  })
  const reviews = openReviews({ store, ledger, validate: tokensOf(config, { cloud, log }) })
  const handlers: Handlers = {
    ...{ routes, metrics, isReady, desk, reviews },
    ...(autoscalers === undefined ? {} : { autoscalers }),
    authenticate: async (request) => (await autoscalers?.callerOf(request)) ?? (await people.authenticate(request)),
  }
  const url = await listenApi({ config, log, clock }, handlers, parts)

  const side = createSideServer({
    metrics,
    openApi: openApiDocument(routes, config.api.public_url ?? url),
    isReady,
  })
  parts.defer(async () => await side.close())
  const operatorUrl = await side.listen({ host: config.metrics.host, port: config.metrics.port })
  return { url, operatorUrl, ready, broken: working.broken }
}
