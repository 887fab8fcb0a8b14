/** What the parts of the fake OpenStack work with. */

export interface Call {
  readonly method: string
  /** Service type: `identity`, `image`, `compute`, `network`, `placement`, `block-storage`. */
  readonly service: string
  /** Path below the service's endpoint, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
  /** Bytes of a body that is not JSON. */
  readonly bytes: number
}

export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type Row = Record<string, unknown>

/** What goes wrong with one call. `drop-after`: it is carried out, but the answer is lost. */
export type Fault = 'drop-before' | 'drop-after' | { readonly status: number; readonly body?: unknown } | undefined

export interface Behaviour {
  /** Asked before each call is carried out. */
  fault: (call: Call) => Fault
  /** Milliseconds before a call is carried out, and again before its answer is sent. */
  delay: (call: Call) => number
  /** Looks at a server before its build is over. */
  buildLooks: number
  /** Fault message of the next server, which then ends in ERROR. */
  nextServerFails: string | undefined
  /** Where a live migration goes; undefined: none ends well. */
  nextNode: string | undefined
  /** Looks before a compute node has reported. */
  computeLooks: number
  /** Beside the compute node there is one for container guests. */
  containerNode: boolean
  /** An upload that breaks off leaves the image in `saving`, as when Glance itself dies; else it is `queued` again. */
  stuckUploads: boolean
  /** So many uploads end in a fault of Glance's; the image is `queued` again. */
  failedUploads: number
  /** During so many uploads somebody deletes the image. */
  lostUploads: number
  /** Flavors that Nova gives at once. */
  flavorPage: number
  /** Looks before the volume service is up. */
  volumeLooks: number
  /** So many looks find that the scheduler has heard of no backend; until then volumes fail. */
  poolLooks: number
  /** New volumes end in `error`. */
  volumeFails: boolean
}

export interface State {
  images: Map<string, Row>
  /** Glance never gives an id twice. */
  deletedImages: Set<string>
  flavors: Map<string, Row>
  keypairs: Map<string, Row>
  servers: Map<string, Row>
  computeServices: Map<string, Row>
  computeQuotas: Row
  networkQuotas: Row
  networks: Map<string, Row>
  subnets: Map<string, Row>
  routers: Map<string, Row>
  ports: Map<string, Row>
  floatingIps: Map<string, Row>
  rules: Map<string, Row>
  volumes: Map<string, Row>
  volumeTypes: Map<string, Row>
  volumeQos: Map<string, Row>
  clusterTemplates: Map<string, Row>
  agents: Row[]
  /** Those that are valid, if they have not ended. */
  tokens: Set<string>
  /** What there is to say of each token. */
  issued: Map<string, Row>
  /** Roles that a login gives. */
  loginRoles: readonly string[]
  /** Makes ids, in no order of time. */
  newId: () => string
  now: () => string
  project: string
}

export type Service = (call: Call, state: State, behaviour: Behaviour) => Reply

export const notFound: Reply = { status: 404, body: { itemNotFound: { code: 404, message: 'not found' } } }

export function conflict(message: string): Reply {
  return { status: 409, body: { conflict: { code: 409, message } } }
}

/** The object under a name of a JSON body. */
export function part(body: unknown, name: string): Row {
  const found: unknown = Object.entries(typeof body === 'object' && body !== null ? body : {}).find(
    ([key]) => key === name,
  )?.[1]
  return typeof found === 'object' && found !== null ? { ...found } : {}
}
