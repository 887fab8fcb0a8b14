/** Pretended application credentials: Keystone, to the users of clusters. For tests. */
import type { Cluster } from '../../model/index.ts'
import type { UserSession } from './credentials.ts'

export class PretendedCredentials {
  readonly #made: (clusterId: string) => void
  /** Names, by the cluster whose user has them. */
  readonly #names = new Map<string, Set<string>>()

  /** `made`: told of each that is made, for there is a user then. */
  constructor(made: (clusterId: string) => void) {
    this.#made = made
  }

  /** Names of those of a cluster's user. */
  of({ uuid }: Pick<Cluster, 'uuid'>): readonly string[] {
    return [...(this.#names.get(uuid) ?? [])]
  }

  /** With its user all go. */
  forget(clusterId: string): void {
    this.#names.delete(clusterId)
  }

  /** `weather`: called before and after every call. */
  sessionOf({ uuid }: Pick<Cluster, 'uuid'>, weather: (call: string) => Promise<void>): UserSession {
    const names = this.#names.get(uuid) ?? new Set()
    const answers = {
      'GET catalog': () => ({ catalog: [] }),
      'GET application_credentials': () => ({
        application_credentials: [...names].map((name) => ({ id: name, name })),
      }),
      'POST application_credentials': (_last: string, body: unknown) => {
        this.#made(uuid)
        const { name } = (body as { application_credential: { name: string } }).application_credential
        this.#names.set(uuid, names.add(name))
      },
    } as const
    const request: UserSession['cloud']['request'] = async (_service, method, path, { body } = {}) => {
      const [, last = ''] = /([^/]+)$/.exec(path) ?? []
      const work =
        Object.entries(answers).find(([call]) => call === `${method} ${last}`)?.[1] ?? (() => void names.delete(last))
      await weather(`credential ${method} before`)
      const answer = work(last, body)
      await weather(`credential ${method} after`)
      return { status: 200, headers: {}, body: answer }
    }
    return { userId: uuid, cloud: { request } }
  }
}
