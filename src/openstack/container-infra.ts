/** Clusters of containers (Magnum): what works on them, and their templates. Clusters stand in `clusters.ts`. */
import { type Clusters, clusters } from './clusters.ts'
import { Fields } from './fields.ts'
import { clusterHeaders as headers } from './microversion.ts'
import type { Session } from './session.ts'

export interface ConductorService {
  readonly binary: string
  readonly host: string
  /** `up` or `down`. */
  readonly state: string
}

/** As the API names them. */
export type TemplateValues = Readonly<Record<string, string | boolean | Readonly<Record<string, string>>>>

export interface ClusterTemplate {
  readonly id: string
  readonly name: string
  readonly project: string
  /** Free text of whoever made it. */
  readonly tags: string | undefined
  /** Somebody has changed it since it was made. */
  readonly changed: boolean
}

export interface ContainerInfra {
  readonly clusters: Clusters
  /** What works on clusters, as the service sees it. */
  readonly services: () => Promise<readonly ConductorService[]>
  /** Own ones, and those that are for everybody. */
  readonly templates: () => Promise<readonly ClusterTemplate[]>
  readonly createTemplate: (values: TemplateValues) => Promise<void>
  /** False when clusters are made of it, which allow fewer changes. */
  readonly removeTemplate: (id: string) => Promise<boolean>
  /** A name is all that may change while clusters are made of it. */
  readonly renameTemplate: (id: string, name: string) => Promise<void>
}

export function containerInfra(session: Session): ContainerInfra {
  const one = (id: string): string => `/clustertemplates/${encodeURIComponent(id)}`
  return {
    clusters: clusters(session),
    services: async () => {
      const { body } = await session.request('container-infra', 'GET', '/mservices', { headers })
      return new Fields(body, 'GET container-infra /mservices').list('mservices', (service) => ({
        binary: service.text('binary'),
        host: service.optionalText('host') ?? 'a replica',
        state: service.text('state'),
      }))
    },
    templates: async () => {
      const { body } = await session.request('container-infra', 'GET', '/clustertemplates', { headers })
      return new Fields(body, 'GET container-infra /clustertemplates').list('clustertemplates', parseTemplate)
    },
    createTemplate: async (values) => {
      await session.request('container-infra', 'POST', '/clustertemplates', { headers, body: values })
    },
    removeTemplate: async (id) => {
      const okStatus = [204, 400, 404]
      return (await session.request('container-infra', 'DELETE', one(id), { headers, okStatus })).status !== 400
    },
    renameTemplate: async (id, name) => {
      const body = [{ op: 'replace', path: '/name', value: name }]
      await session.request('container-infra', 'PATCH', one(id), { headers, body })
    },
  }
}

function parseTemplate(template: Fields): ClusterTemplate {
  return {
    id: template.text('uuid'),
    name: template.optionalText('name') ?? '',
    project: template.optionalText('project_id') ?? '',
    tags: template.optionalText('tags'),
    changed: template.optionalText('updated_at') !== undefined,
  }
}
