/** Environment variables of a container, in an order where every `$(NAME)` comes after what it names. */
import type { EnvValue } from '../catalog/index.ts'

export function envList(env: Readonly<Record<string, EnvValue>>): readonly object[] {
  const entries = Object.entries(env)
  const refers = ([, value]: [string, EnvValue]): boolean => typeof value === 'string' && value.includes('$(')
  return [...entries.filter((entry) => !refers(entry)), ...entries.filter(refers)].map(([name, value]) =>
    variable(name, value),
  )
}

function variable(name: string, value: EnvValue): object {
  if (typeof value === 'string') return { name, value }
  if ('field' in value) return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: value.field } } }
  return { name, valueFrom: { secretKeyRef: { name: value.secret, key: value.key } } }
}
