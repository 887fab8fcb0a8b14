/** No secret may stand in the document. */
import { isSecretKey, isSecretText } from '../secrecy/index.ts'
import type { Problem } from './diagnostics.ts'

/** Every secret in a value, told without it. */
export function findSecrets(value: unknown, path: readonly PropertyKey[] = []): readonly Problem[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => findSecrets(item, [...path, index]))
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => findSecrets(inner, [...path, key]))
  }
  const key = String(path.findLast((part) => typeof part === 'string') ?? '')
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  if (text === '' || !(isSecretKey(key) || isSecretText(text))) return []
  const next = path.includes('config') ? `${key}: {secretRef: {name: …, key: …}}` : 'secretRef'
  const message = `a secret may not stand in the document; put it into a Kubernetes Secret and point to that with ${next}`
  return [{ severity: 'error', path, message }]
}
