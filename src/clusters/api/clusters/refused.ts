/** What a rule refuses, the API answers. */
import { Refusal } from '../../rules/index.ts'
import { ApiError } from '../route.ts'

export async function refusalsAnswered<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal) throw new ApiError(error.status, error.message, { cause: error })
    throw error
  }
}

/** What stands in a body and is not there is a mistake of the body where Magnum has it so. */
export function missingIs<Result>(status: 400 | 404, find: () => Result): Result {
  try {
    return find()
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) throw new ApiError(status, error.message)
    throw error
  }
}
