/** What most scenarios begin with. */
import type { Step } from '../step.ts'

export const templateBody = {
  name: 'plain',
  coe: 'kubernetes',
  image_id: 'coreos',
  external_network_id: 'public',
  flavor_id: 'm1.small',
  master_flavor_id: 'm1.medium',
  keypair_id: 'key',
}

export const makeTemplate: Step = { ask: 'POST /clustertemplates', body: templateBody, keep: 't' }

/** With the template of {@link makeTemplate}; complete when the next step begins. */
export const makeCluster: Step = {
  ask: 'POST /clusters',
  body: { name: 'one', cluster_template_id: '{t}', node_count: 2 },
  keep: 'c',
  settle: true,
}
