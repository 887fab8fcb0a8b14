/** What a `WWW-Authenticate` header asks for (RFC 9110, section 11). */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

const part = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([A-Za-z][\w-]*)/g

/** All challenges of a header, in its order. */
export function challengesOf(header: string): readonly Challenge[] {
  const found: { scheme: string; parameters: Record<string, string> }[] = []
  for (const [, name, quoted, plain, scheme] of header.matchAll(part)) {
    if (scheme !== undefined) found.push({ scheme: scheme.toLowerCase(), parameters: {} })
    const last = found.at(-1)
    if (name === undefined || last === undefined) continue
    last.parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? ''
  }
  return found
}
