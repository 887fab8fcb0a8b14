/** No secret may stand in the document: which keys and values look like one, and how a line is shown without it. */
import type { Problem } from './diagnostics.ts'

const secretWord =
  '(?:password|passwd|passphrase|secret|secret_?key|private_?key|api_?key|access_?key|auth_?key|encryption_?key|token)'
const secretKey = new RegExp(`(?:^|[_-]|[a-z](?=[A-Z]))${secretWord}$`, 'i')
const urlSecret = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)([^\s/@]+)(@)/gi
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

/** Whether a key names a secret: `password`, `memcache_secret_key`, `adminPassword`; not `secretRef`, `token_expiration`. */
export const isSecretKey = (key: string): boolean => secretKey.test(key)

/** A whole value that carries a secret, whatever its key is called. */
export const isSecretText = (text: string): boolean => privateKey.test(text) || text.search(urlSecret) >= 0

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

const maskedPair = new RegExp(`((?:^|[\\s{,"'_-]|[a-z])${secretWord}["']?\\s*:\\s*)(?![{|>])([^,}\\s][^,}]*)`, 'gi')

/** The line with secret values taken out, for showing. */
export const maskLine = (line: string): string =>
  line.replace(urlSecret, '$1********$3').replace(maskedPair, '$1********')
