/** Names and labels of everything that is rendered. */
import { createHash } from 'node:crypto'

export const managedBy = { 'app.kubernetes.io/managed-by': 'croque' } as const

/** `nova/api` -> `nova-api`: the name of a workload, its Service, its ConfigMap. */
export const objectName = (id: string): string => id.replace('/', '-')

/** Labels of a unit's objects; `croque.dev/component` is also what Services and same-node waits select. */
export const unitLabels = (cloud: string, id: string): Record<string, string> => ({
  ...managedBy,
  'croque.dev/cloud': cloud,
  'app.kubernetes.io/name': id.split('/')[0] ?? id,
  'app.kubernetes.io/component': id.split('/')[1] ?? id,
  'croque.dev/component': id.replace('/', '.'),
})

export const selectorOf = (id: string): Record<string, string> => ({ 'croque.dev/component': id.replace('/', '.') })

/** First ten hex digits of the SHA-256 of a value's JSON text. */
export const shortHash = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 10)
