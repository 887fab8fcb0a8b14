/** The typed OpenStack client: one session, one part a service. */
import { setMaxListeners } from 'node:events'
import { type Compute, compute } from './compute.ts'
import { type Identity, identity } from './identity.ts'
import { type Images, images } from './image.ts'
import { type Networking, networking } from './network.ts'
import { type Orchestration, orchestration } from './orchestration.ts'
import { type Placement, placement } from './placement.ts'
import { type ConnectOptions, type Session, session } from './session.ts'
import { type Volumes, volumes } from './volume.ts'

export interface OpenStack {
  readonly identity: Identity
  readonly image: Images
  readonly compute: Compute
  readonly network: Networking
  readonly placement: Placement
  readonly orchestration: Orchestration
  readonly volume: Volumes
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
  const open = session(options)
  return {
    identity: identity(open),
    image: images(open),
    compute: compute(open),
    network: networking(open),
    placement: placement(open),
    orchestration: orchestration(open),
    volume: volumes(open),
    request: open.request,
    page: open.page,
    close: open.close,
  }
}
