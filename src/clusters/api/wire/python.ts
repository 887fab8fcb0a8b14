/** Values as Python writes them: Magnum's messages quote what was sent by `repr()`. */

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Never longer than this in a message, so that a big body is not sent back whole. */
const longest = 2000

/** `repr()` of a parsed JSON value: `{'a': [1, None, True]}`. Cut after 2000 characters. */
export function pythonRepr(value: unknown): string {
  const text = repr(value)
  return text.length > longest ? `${text.slice(0, longest)}...` : text
}

/** `str()`: a text stays as it is, everything else is its `repr()`. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value)
}

/** The name of the class a JSON value has in Python: `str`, `int`, `NoneType`. */
export function pythonClass(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  switch (typeof value) {
    case 'string':
      return 'str'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float'
    default:
      return 'dict'
  }
}

function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return reprText(value)
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  const items = Object.entries(value).map(([key, item]) => `${reprText(key)}: ${repr(item)}`)
  return `{${items.join(', ')}}`
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped
  const body = text.replace(/[\\\n\r\t\u0000-\u001f\u007f-\u00a0]/g, (character) => {
    return escapes[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return `${quote}${quote === "'" ? body.replaceAll("'", "\\'") : body}${quote}`
}
