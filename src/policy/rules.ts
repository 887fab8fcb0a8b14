/** Which policy rules a service has: lists recorded from the release itself, as data in `rules/<release>/`. */
import { readFileSync } from 'node:fs'

/** Names of the rules, those included that others refer to (`rule:admin_or_owner`); undefined for a service without policies. */
export function policyRules(release: string, service: string): readonly string[] | undefined {
  try {
    return JSON.parse(readFileSync(new URL(`./rules/${release}/${service}.json`, import.meta.url), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
