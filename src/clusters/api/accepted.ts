/** What is answered to a change that goes on after the answer. */
import type { Schema } from './route.ts'

/** 202 `{"uuid"}`. */
export const acceptedSchema: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: { uuid: { type: 'string', format: 'uuid' } },
  required: ['uuid'],
}

/** For whoever changes something: the change was taken, and its cluster is named. */
export const accepted = { status: 202, answer: acceptedSchema } as const
