/** oslo.policy: the language of check strings, what they decide, and which rules a release knows. */
export type { Facts, Question } from './evaluate.ts'
export type { PolicyProblem } from './file.ts'
export { type Check, parseCheck } from './parse.ts'
export {
  type Decision,
  type MadePolicy,
  makePolicy,
  type Policy,
  type RemoteCheck,
  type RuleDefault,
  type Scope,
} from './policy.ts'
export { policyRules } from './rules.ts'
