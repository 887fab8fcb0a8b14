/** oslo.policy: the language of check strings, and which rules a release knows. */
export { type Check, parseCheck } from './parse.ts'
export { policyRules } from './rules.ts'
