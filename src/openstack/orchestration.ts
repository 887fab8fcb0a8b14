/** Stacks (Heat). */
import { Fields } from './fields.ts'
import type { Session } from './session.ts'

export interface Stack {
  readonly id: string
  readonly name: string
  /** `CREATE_IN_PROGRESS`, `CREATE_COMPLETE`, `DELETE_FAILED`, … */
  readonly status: string
  readonly reason: string
  /** Outputs that are texts. */
  readonly outputs: Readonly<Record<string, string>>
}

export interface Orchestration {
  /** The stack of that name; undefined when there is none, or none any more. */
  readonly find: (name: string) => Promise<Stack | undefined>
  readonly create: (stack: { readonly name: string; readonly template: unknown }) => Promise<void>
  /** Asks for removal; one that is gone is no error. */
  readonly remove: (stack: Pick<Stack, 'id' | 'name'>) => Promise<void>
}

export function orchestration(session: Session): Orchestration {
  return {
    find: async (name) => {
      // By its name Heat answers with a redirection to the stack's own address.
      const filter = { query: { name } }
      const { body } = await session.request('orchestration', 'GET', '/stacks', filter)
      const [id] = new Fields(body, 'GET orchestration /stacks').list('stacks', (stack) => stack.text('id'))
      if (id === undefined) return undefined
      const path = `/stacks/${encodeURIComponent(name)}/${id}`
      const answer = await session.request('orchestration', 'GET', path, { okStatus: [200, 404] })
      if (answer.status === 404) return undefined
      const stack = new Fields(answer.body, `GET orchestration ${path}`).object('stack')
      const outputs = stack.list('outputs', (output) => [
        output.text('output_key'),
        output.optionalText('output_value'),
      ])
      return {
        id,
        name,
        status: stack.text('stack_status'),
        reason: stack.optionalText('stack_status_reason') ?? '',
        outputs: Object.fromEntries(outputs.flatMap(([key, value]) => (key && value ? [[key, value]] : []))),
      }
    },
    create: async ({ name, template }) => {
      const body = { stack_name: name, template, timeout_mins: 5 }
      await session.request('orchestration', 'POST', '/stacks', { body })
    },
    remove: async ({ id, name }) => {
      const path = `/stacks/${encodeURIComponent(name)}/${id}`
      await session.request('orchestration', 'DELETE', path, { okStatus: [204, 404] })
    },
  }
}
