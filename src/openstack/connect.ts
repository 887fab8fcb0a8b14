/** The typed OpenStack client: one session, one part a service. */
import { setMaxListeners } from 'node:events'
import { cache } from './cache.ts'
import { type Compute, compute } from './compute.ts'
import { type ContainerInfra, containerInfra } from './container-infra.ts'
import { type Identity, identity } from './identity.ts'
import { type Images, images } from './image.ts'
import { type Networking, networking } from './network.ts'
import { type Orchestration, orchestration } from './orchestration.ts'
import { type Placement, placement } from './placement.ts'
import { type ConnectOptions, type Session, session, wiresTo } from './session.ts'
import { type Volumes, volumes } from './volume.ts'

export interface OpenStack {
  readonly identity: Identity
  readonly image: Images
  readonly compute: Compute
  readonly network: Networking
  readonly placement: Placement
  readonly orchestration: Orchestration
  readonly volume: Volumes
  readonly containerInfra: ContainerInfra
  /** Any other call; see {@link Session}. */
  readonly request: Session['request']
  readonly page: Session['page']
  /** Ends idle connections. */
  readonly close: () => void
}

/** Makes no call yet: the token is fetched at the first use, and renewed when it ends or is refused. */
export function connect(options: ConnectOptions): OpenStack {
  // Every call in flight listens to the one signal.
  if (options.signal !== undefined) setMaxListeners(0, options.signal)
  return partsOf(session(options))
}

/** A service that does what others ask of it with their rights, beside its own. All calls share connections. */
export interface ServiceConnection {
  readonly own: OpenStack
  /**
   * Works with a token that somebody else has made; makes no call yet. Where the service's user has the role `service`, its token
   * goes along: then the other services let pass what follows from a request, though access rules of the token name that only.
   */
  readonly forwarding: (token: string, signal?: AbortSignal) => OpenStack
  /** Takes note of what Keystone answered about a token, so that {@link forwarding} need not ask. */
  readonly note: (token: string, answer: unknown) => void
  readonly close: () => void
}

/** Catalogs may be large. */
const mostKnown = 500
/** As long as keystonemiddleware believes a token, whose answer holds the catalog too. */
const knownMs = 300_000

export function connectService(options: ConnectOptions): ServiceConnection {
  const wires = wiresTo(options)
  const shared = { ...wires, close: () => undefined }
  const own = session(options, shared)
  const answers = cache<unknown>(mostKnown, Date.now)
  const note = (token: string, answer: unknown): void => answers.set(token, answer, Date.now() + knownMs)
  const { username: _user, password: _password, project: _project, ...cloud } = options
  const serviceToken = async (): Promise<string | undefined> => {
    const { id, roles } = await own.token()
    return roles.some((role) => role.toLowerCase() === 'service') ? id : undefined
  }
  return {
    own: partsOf(own),
    forwarding: (token, signal) => {
      if (signal !== undefined) setMaxListeners(0, signal)
      return partsOf(
        session(
          {
            ...cloud,
            token,
            serviceToken,
            known: { get: answers.get, note },
            ...(signal === undefined ? {} : { signal }),
          },
          shared,
        ),
      )
    },
    note,
    close: wires.close,
  }
}

function partsOf(open: Session): OpenStack {
  return {
    identity: identity(open),
    image: images(open),
    compute: compute(open),
    network: networking(open),
    placement: placement(open),
    orchestration: orchestration(open),
    volume: volumes(open),
    containerInfra: containerInfra(open),
    request: open.request,
    page: open.page,
    close: open.close,
  }
}
