import { knownServices } from '../../render/index.ts'
import { cloudJsonSchema, releases } from '../../spec/index.ts'
import { answer } from '../answer.ts'
import type { Run } from '../command.ts'

export const run: Run = async (context) => {
  const schema = cloudJsonSchema(knownServices(releases[0]))
  answer(context, { text: `${JSON.stringify(schema, undefined, 2)}\n`, data: schema })
  return {}
}
