/** Keeps secrets out of plans and events. */
import { isSecretKey, maskLines } from '../secrecy/index.ts'

const secretWords =
  /pass(word|wd|phrase)?$|pass(word|wd|phrase)[^a-z]|secret|token|credential|private|fernet|api_?key|access_?key|transport_url|connection$/i

/** True for what must never be shown: the data of Secrets, and values below a name that sounds like a password. */
export function isSecretPath(kind: string, path: string): boolean {
  if (kind === 'Secret' && /^(data|stringData)(\.|$)/.test(path)) return true
  const env = /\.env\[([^\]]+)\](\.value)?$/.exec(path)?.[1]
  return env !== undefined && secretWords.test(env)
}

/** Absence stays visible; two masked values that differ look alike on purpose. */
export function mask(value: unknown): unknown {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) return '(secret)'
  return Object.fromEntries(Object.keys(value).map((key) => [key, '(secret)']))
}

/** As JSON without the secrets inside: what is called a secret, variables of containers, and parts of texts. */
export const maskedJson = (value: unknown): string => JSON.stringify(value, maskMember)

function maskMember(key: string, value: unknown): unknown {
  if (typeof value === 'string') return isSecretKey(key) ? mask(value) : maskLines(value.split('\n')).join('\n')
  if (typeof value !== 'object' || value === null || !('name' in value && 'value' in value)) return value
  return secretWords.test(String(value.name)) ? { ...value, value: mask(value.value) } : value
}
