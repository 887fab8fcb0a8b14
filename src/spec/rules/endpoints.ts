/** Ports, certificates and limits of time fit together. */
import { error } from '../issues.ts'
import type { Rule } from './index.ts'

export const endpointRules: Rule = ({ cloud, broken }) => {
  const { endpoints, underlay, timeouts } = cloud.spec
  const problems = []
  if (endpoints.port === underlay.apiPort && !broken(['spec', 'underlay', 'apiPort'])) {
    problems.push(
      error({
        path: ['spec', 'endpoints', 'port'],
        message: `port ${endpoints.port} is that of the Kubernetes API (spec.underlay.apiPort)`,
      }),
    )
  }
  if (
    endpoints.tls.source === 'secret' &&
    endpoints.tls.secretRef === undefined &&
    !broken(['spec', 'endpoints', 'tls'])
  ) {
    problems.push(
      error({ path: ['spec', 'endpoints', 'tls', 'source'], message: 'source: secret needs a secretRef: {name: …}' }),
    )
  }
  if (
    endpoints.tls.source === 'generated' &&
    endpoints.tls.secretRef !== undefined &&
    !broken(['spec', 'endpoints', 'tls', 'source'])
  ) {
    problems.push(
      error({ path: ['spec', 'endpoints', 'tls', 'secretRef'], message: 'secretRef is for source: secret only' }),
    )
  }
  if (timeouts.unit > timeouts.total && !broken(['spec', 'timeouts'])) {
    problems.push(
      error({
        path: ['spec', 'timeouts', 'unit'],
        message: `one object may not take longer (${timeouts.unit}s) than the whole run (${timeouts.total}s)`,
      }),
    )
  }
  return problems
}
