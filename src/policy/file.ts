/** A policy file: a YAML map of rule to check string, with the place of everything that is wrong with it. */
import { isMap, isScalar, LineCounter, type Pair, parseDocument } from 'yaml'
import { type Check, parseCheck } from './parse.ts'

export interface PolicyProblem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  readonly message: string
}

export interface FileRule {
  readonly check: Check
  readonly line: number
  readonly column: number
}

export interface PolicyFile {
  readonly rules: ReadonlyMap<string, FileRule>
  readonly problems: readonly PolicyProblem[]
}

/** `name` is what problems call the file. Rules that cannot be read are left out and stand among the problems. */
export function readPolicyFile(name: string, text: string): PolicyFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const rules = new Map<string, FileRule>()
  const problems: PolicyProblem[] = []
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const complain = (offset: number, message: string): void =>
    void problems.push({ file: name, ...placeOf(offset), message })

  for (const { pos, message } of document.errors) complain(pos[0], message)
  const { contents } = document
  if (contents !== null && !isMap(contents) && !(isScalar(contents) && contents.value === null))
    complain(contents.range?.[0] ?? 0, 'a policy file is a map of rule names to check strings')
  for (const pair of isMap(contents) ? contents.items : []) {
    const { key, offset, value } = entryOf(pair)
    if (typeof value !== 'string') {
      complain(offset, `the check of ${JSON.stringify(key)} has to be a text; "" lets everybody, "!" nobody`)
      continue
    }
    const parsed = parseCheck(value)
    if (parsed.ok) rules.set(key, { check: parsed.check, ...placeOf(offset) })
    else complain(offset, parsed.reason)
  }
  return { rules, problems }
}

function entryOf({ key, value }: Pair): { readonly key: string; readonly offset: number; readonly value: unknown } {
  const name = isScalar(key) ? String(key.value) : ''
  const keyAt = isScalar(key) ? key.range?.[0] : undefined
  if (!isScalar(value)) return { key: name, offset: keyAt ?? 0, value: undefined }
  return { key: name, offset: value.range?.[0] ?? keyAt ?? 0, value: value.value }
}
