import { type JudgeReadiness, ready, waiting } from './readiness.ts'
import type { Service } from './views.ts'

/** Ready at once, except for a load balancer, which needs an address. Endpoints are the business of the Pods behind it. */
export const judgeService: JudgeReadiness = (object) => {
  const service = object as Service
  if (service.spec?.type !== 'LoadBalancer') return ready('exists')
  const addresses = service.status?.loadBalancer?.ingress ?? []
  return addresses.length > 0
    ? ready('has an address')
    : waiting('waits for an address from the load balancer of the underlay')
}
