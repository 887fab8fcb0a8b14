/** What comes of servers and stacks in a pretended cloud when something below fails. For tests. */
import type { SeenServer } from './cloud.ts'

export interface Server {
  readonly key: string
  readonly role: 'masters' | 'workers'
  readonly index: string
  readonly address: string
  readonly readyAt: number
  /** How many there were before it under this name. */
  readonly before: number
  /** It fails, before there is a server or after its program has been to the desk; or it lives, and Heat has lost sight of it. */
  readonly fails: 'early' | 'late' | 'unseen' | undefined
  /** Somebody deleted it behind Heat's back. */
  readonly dead?: true
  /** What is seen of it is something else. */
  readonly disturbed?: Partial<SeenServer>
}

/**
 * What happens below the driver: a part fails since somebody was away, or the engine dies midway; an older one says so when it starts again,
 * one of today does not know, and Nova may build something meanwhile. Or there is no room, or not for this project.
 */
export type Ailment = 'away' | 'engine' | 'engine-unnoticed' | 'engine-unnoticed-building' | 'room' | 'quota'

export const isUnnoticed = (ailment: Ailment | undefined): boolean => ailment?.startsWith('engine-unnoticed') === true

export const wordsOf: Readonly<Record<Ailment, string>> = {
  away: 'kube-minion: ConnectFailure: resources.kube-minion: Unable to establish connection to http://nova.test/servers',
  engine: 'kube-minion: Engine went down during stack UPDATE',
  'engine-unnoticed': '',
  'engine-unnoticed-building': '',
  room: 'kube-minion: ResourceInError: resources.kube-minion: Went to status ERROR due to "Message: No valid host was found. , Code: 500"',
  quota:
    'kube-minion: Forbidden: resources.kube-minion: Quota exceeded for cores: Requested 2, but already used 20 of 20 cores (HTTP 403)',
}

/** As Heat and Nova tell of it. */
export function seenServer({ key, address, dead, disturbed, before, fails }: Server): SeenServer {
  const machine = fails === 'late' ? 'ERROR' : 'ACTIVE'
  return {
    ...(fails === 'early' ? {} : { id: `server-${key}${before === 0 ? '' : `-${before}`}` }),
    address,
    machine: dead === true ? 'gone' : machine,
    status: `CREATE_${fails === undefined ? 'COMPLETE' : 'FAILED'}`,
    reason: '',
    ...disturbed,
  }
}
