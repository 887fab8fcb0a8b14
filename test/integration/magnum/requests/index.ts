import type { Scenario } from '../step.ts'
import { actions } from './actions.ts'
import { certificates, credentials } from './certificates.ts'
import { clusterFields, clusterPatches, clusters } from './clusters.ts'
import { discovery } from './discovery.ts'
import { newest } from './newest.ts'
import { nodegroupFields, nodegroups } from './nodegroups.ts'
import { federations, paging, services, stats } from './others.ts'
import { quotas } from './quotas.ts'
import { templateFields, templatePatches, templates, templatesInUse } from './templates.ts'
import { versions } from './versions.ts'

export const scenarios: readonly Scenario[] = [
  discovery,
  versions,
  templateFields,
  templates,
  templatePatches,
  templatesInUse,
  clusterFields,
  clusters,
  clusterPatches,
  actions,
  nodegroupFields,
  nodegroups,
  certificates,
  credentials,
  quotas,
  stats,
  services,
  federations,
  paging,
  newest,
]
