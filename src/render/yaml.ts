/**
 * Objects as YAML that people read and kubectl takes. Ours, since a manifest is plain data and the general library spends more time
 * on printing a cloud than everything else takes; a test holds it to what that library reads back.
 */

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

/** One document; ends with a newline. Members that are undefined are left out, as in JSON. */
export function yamlDocument(value: unknown): string {
  return `---\n${block(value as Plain, '').replace(/^\n/, '')}\n`
}

/** What stands after `key:` or `-`: on the same line (begins with a space) or below (begins with a newline). */
function block(value: Plain, indent: string): string {
  if (typeof value === 'string') return ` ${text(value, indent)}`
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)}`
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []'
    return value.map((item: Plain) => `\n${indent}-${inItem(block(item, `${indent}  `), indent)}`).join('')
  }
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  if (entries.length === 0) return ' {}'
  return entries.map(([key, member]) => `\n${indent}${scalar(key)}:${below(member, indent)}`).join('')
}

/** Lists stand at the indent of their key, as kubectl writes them. */
const below = (member: Plain, indent: string): string => block(member, Array.isArray(member) ? indent : `${indent}  `)

/** The first line of what stands below moves up to the dash. */
const inItem = (text: string, indent: string): string =>
  text.startsWith('\n') ? ` ${text.slice(indent.length + 3)}` : text

function text(value: string, indent: string): string {
  const shown = !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\ufeff]/u.test(value.replaceAll(/[\n\t]/g, ''))
  // A literal block keeps every byte of such lines, but for space at their ends.
  const literal = value.includes('\n') && shown && !/^\s|[ \t](\n|$)/.test(value)
  if (!literal) return scalar(value)
  const trailing = /\n*$/.exec(value)?.[0].length ?? 0
  const chomp = trailing === 0 ? '-' : trailing === 1 ? '' : '+'
  const lines = value.replace(/\n$/, '').split('\n')
  return `|${chomp}${lines.map((line) => (line === '' ? '\n' : `\n${indent}${line}`)).join('')}`
}

/** Plain where no reader could take it for anything but this text, else in JSON's quotes, which YAML shares. */
function scalar(value: string): string {
  const plain = /^[A-Za-z_/][\w./@%+ $()-]*(:[\w./@%+$()-]+)*$/.test(value)
  const special = /^(?:true|false|yes|no|on|off|null|y|n|e[+-]?\d+|.* )$/i.test(value)
  return plain && !special ? value : JSON.stringify(value)
}
