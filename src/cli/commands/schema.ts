import { cloudJsonSchema } from '../../spec/index.ts'
import type { Run } from '../command.ts'

export const run: Run = async (context) => {
  context.stdout.write(`${JSON.stringify(cloudJsonSchema(), undefined, 2)}\n`)
  return {}
}
