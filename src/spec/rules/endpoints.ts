/** Ports, exposure, certificates and limits of time fit together. */
import type { Problem } from '../diagnostics.ts'
import { error } from '../issues.ts'
import { exposures } from '../networks.ts'
import type { Facts, Rule } from './index.ts'

const exposurePath = ['spec', 'endpoints', 'exposure'] as const

function exposureRules({ cloud, broken }: Facts): readonly Problem[] {
  const { endpoints, underlay } = cloud.spec
  const { exposure, gateway, annotations, port } = endpoints
  if (exposure === undefined || broken(exposurePath) || broken(['spec', 'underlay'])) return []
  const problems = []
  if (underlay.type === 'embedded' && exposure !== 'embedded')
    problems.push(
      error({
        path: exposurePath,
        message: `the embedded underlay has nothing outside itself that ${exposure} could lead to`,
        allowed: ['embedded'],
      }),
    )
  if (underlay.type !== 'embedded' && exposure === 'embedded')
    problems.push(
      error({
        path: exposurePath,
        message: 'embedded is for the embedded underlay only',
        allowed: exposures.filter((each) => each !== 'embedded'),
      }),
    )
  if (exposure === 'Gateway' && gateway === undefined)
    problems.push(error({ path: exposurePath, message: 'exposure: Gateway needs a gateway: {name: …}' }))
  if (exposure !== 'Gateway' && gateway !== undefined && !broken(gatewayPath))
    problems.push(error({ path: gatewayPath, message: 'gateway is for exposure: Gateway only' }))
  if (exposure === 'HostNetwork' && Object.keys(annotations).length > 0)
    problems.push(
      error({ path: ['spec', 'endpoints', 'annotations'], message: 'with HostNetwork no Service leads to the cloud' }),
    )
  if (exposure === 'HostNetwork' && port < 1024)
    problems.push(
      error({
        path: ['spec', 'endpoints', 'port'],
        message: `on a node's own network the gateway, which is not root, can only listen from port 1024 on`,
      }),
    )
  return problems
}

const gatewayPath = ['spec', 'endpoints', 'gateway'] as const

export const endpointRules: Rule = (facts) => {
  const { cloud, broken } = facts
  const { endpoints, underlay, timeouts } = cloud.spec
  const problems = [...exposureRules(facts)]
  if (underlay.type === 'embedded' && endpoints.port === underlay.apiPort && !broken(['spec', 'underlay', 'apiPort'])) {
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
