import type { Session } from './session.ts'
import type { Token } from './token.ts'

/** Who the session is. The token's id stays inside. */
export type Whoami = Pick<Token, 'user' | 'project' | 'roles' | 'expiresAt'> & {
  /** Types of the services in the catalog. */
  readonly services: readonly string[]
}

export interface Identity {
  readonly whoami: () => Promise<Whoami>
}

export function identity(session: Session): Identity {
  return {
    whoami: async () => {
      const { user, project, roles, expiresAt, catalog } = await session.token()
      return { user, project, roles, expiresAt, services: catalog.map((entry) => entry.type) }
    },
  }
}
