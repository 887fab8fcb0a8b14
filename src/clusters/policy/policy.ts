/** Who may do what: Magnum's rules, and what a policy file puts in their place. */
import { type Facts, makePolicy, type PolicyProblem } from '../../policy/index.ts'
import { ApiError } from '../api/route.ts'
import type { Caller } from '../identity/caller.ts'
import { defaultRules, type RuleName } from './defaults.ts'
import { credentialsOf } from './facts.ts'

export interface ClusterPolicyOptions {
  /** Text of a policy file in the language of oslo.policy, and what problems call it. */
  readonly file?: { readonly name: string; readonly text: string }
  /** Refuses tokens of a system or a domain where Magnum's rules are for projects. @default true */
  readonly enforceScope?: boolean
  /** Without it, Magnum's rules of before its 17th release let too. @default true */
  readonly enforceNewDefaults?: boolean
  /** The domain of the users that clusters' trusts are for. */
  readonly trusteeDomainId?: string
}

export interface ClusterPolicy {
  /**
   * Without a target, the caller's own project and user are acted on, as in Magnum.
   * @throws ApiError 403
   */
  readonly enforce: (rule: RuleName, caller: Caller, target?: Facts) => void
  readonly may: (rule: RuleName, caller: Caller, target?: Facts) => boolean
  /** What `isAdmin` of a caller says; by the rule `context_is_admin`. */
  readonly isAdmin: (caller: Omit<Caller, 'isAdmin'>) => boolean
}

export type MadeClusterPolicy =
  | { readonly ok: true; readonly policy: ClusterPolicy }
  /** All of the policy file's, in its order. */
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] }

/** Checks that ask other services (`http:`) are refused: a policy is decided where the request is. */
export function makeClusterPolicy(options: ClusterPolicyOptions = {}): MadeClusterPolicy {
  const { trusteeDomainId, ...rest } = options
  const made = makePolicy({ defaults: defaultRules, ...rest })
  if (!made.ok) return made
  const { policy } = made
  const extra = trusteeDomainId === undefined ? {} : { trustee_domain_id: trusteeDomainId }
  const may: ClusterPolicy['may'] = (rule, caller, target) => {
    const own = { project_id: caller.projectId, user_id: caller.userId }
    return (
      policy.decide(rule, { credentials: credentialsOf(caller), target: { ...(target ?? own), ...extra } }) ===
      'allowed'
    )
  }
  return {
    ok: true,
    policy: {
      may,
      enforce: (rule, caller, target) => {
        if (!may(rule, caller, target)) throw new ApiError(403, `Policy doesn't allow ${rule} to be performed.`)
      },
      isAdmin: (caller) =>
        policy.decide('context_is_admin', {
          credentials: credentialsOf({ ...caller, isAdmin: false }),
          target: extra,
        }) === 'allowed',
    },
  }
}
