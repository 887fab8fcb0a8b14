/** The CustomResourceDefinitions, written from the schemas of the model. */
import type { KubeObject } from '../../kube/index.ts'
import { group } from '../model/index.ts'
import { type StoredKind, storedKinds } from './kinds.ts'
import { structuralSchema } from './structural.ts'

const version = 'v1alpha1'

/**
 * What has to be on the API server before a store works: for the catalog to render. Whoever deletes one of them deletes every object
 * of its kind.
 */
export function clusterDefinitions(): readonly KubeObject[] {
  return storedKinds.map(definition)
}

function definition(kind: StoredKind): KubeObject {
  const { plural, shortName } = kind
  const served = {
    name: version,
    served: true,
    storage: true,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        description: kind.description,
        required: ['spec'],
        properties: {
          spec: structuralSchema(kind.spec),
          ...(kind.status === undefined ? {} : { status: structuralSchema(kind.status) }),
        },
      },
    },
    ...(kind.status === undefined ? {} : { subresources: { status: {} } }),
    additionalPrinterColumns: [...kind.columns, { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
    selectableFields: kind.selectable.map((field) => ({ jsonPath: `.spec.${field}` })),
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural,
        singular: kind.kind.toLowerCase(),
        shortNames: [shortName],
        categories: ['croque'],
      },
      versions: [served],
    },
  }
}
