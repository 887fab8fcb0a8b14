/**
 * The Cloud document of a command: `--file`; else, for what looks at a cloud that is here, the one of its last `up`; else the
 * embedded default, named by `--name` or CROQUE_CLOUD.
 */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CroqueError } from '../errors/index.ts'
import { readFileIfThere, writeFileAtomically } from '../host/index.ts'
import { knownServices } from '../render/index.ts'
import { type Cloud, excerpt, loadCloud } from '../spec/index.ts'
import type { CommandContext } from './command.ts'

export interface Document {
  readonly cloud: Cloud
  /** Absent for the default. */
  readonly text?: string
  /** The command that brings the cloud in line with this very document. */
  readonly again: string
}

type DocumentContext = Pick<CommandContext, 'options' | 'env' | 'cwd' | 'stateDir' | 'emit'>

const load = (text: string | undefined, file: string) => loadCloud(text, { file, knownServices })

/** Throws `document-missing`, or `document-invalid` after every problem was told as a diagnostic event. */
export async function loadDocument(context: DocumentContext): Promise<Document> {
  const file = context.options.value('file')
  if (file === undefined) return check(context, defaultDocument(nameOf(context)), 'the default document')
  return { ...check(context, await readDocument(resolve(context.cwd, file)), file), again: upWith(file) }
}

/** The document of a cloud that is here. Throws `argument-invalid` when there are several and none is named. */
export async function presentDocument(context: DocumentContext): Promise<Document> {
  if (context.options.value('file') !== undefined) return await loadDocument(context)
  const name = nameOf(context) ?? (await onlyCloud(context.stateDir))
  const path = keptIn(join(context.stateDir, name ?? 'cloud'))
  const text = await readFileIfThere(path)
  const loaded = text === undefined ? undefined : load(text, path)
  if (loaded?.ok === true && text !== undefined) return { cloud: loaded.cloud, text, again: upWith(path) }
  if (loaded !== undefined) {
    const message = `${path} has errors for this version of croque; the default document stands in for it`
    context.emit({ type: 'notice', level: 'warning', message })
  }
  return check(context, defaultDocument(name), 'the default document')
}

const nameOf = ({ options, env }: DocumentContext): string | undefined => options.value('name') ?? env['CROQUE_CLOUD']

function check(context: DocumentContext, text: string | undefined, file: string): Document {
  const loaded = load(text, file)
  const diagnostics = loaded.ok ? loaded.warnings : loaded.diagnostics
  for (const diagnostic of diagnostics) {
    const shown = text === undefined ? undefined : excerpt(text, diagnostic)
    context.emit({ type: 'diagnostic', ...diagnostic, ...(shown === undefined ? {} : { excerpt: shown }) })
  }
  if (loaded.ok) return { cloud: loaded.cloud, ...(text === undefined ? {} : { text }), again: './croque up' }
  const count = diagnostics.filter(({ severity }) => severity === 'error').length
  throw new CroqueError('document-invalid', { what: `${file} has ${count} ${count === 1 ? 'error' : 'errors'}` })
}

/** `up` without a document would make another cloud of it: the default one. */
const upWith = (file: string): string =>
  `./croque up --file ${/^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`}`

/** Keeps the document of an `up` for the commands that come after it. */
export async function keepDocument(stateDir: string, text: string | undefined): Promise<void> {
  if (text === undefined) await rm(keptIn(stateDir), { force: true })
  else await writeFileAtomically(keptIn(stateDir), text)
}

const keptIn = (stateDir: string): string => join(stateDir, 'cloud.yaml')

async function onlyCloud(stateDir: string): Promise<string | undefined> {
  const entries = await readdir(stateDir, { withFileTypes: true }).catch(() => [])
  const names = entries
    .filter((entry) => entry.isDirectory() && /^[a-z][-a-z0-9]*$/.test(entry.name))
    .map(({ name }) => name)
  if (names.length < 2) return names[0]
  throw new CroqueError('argument-invalid', {
    what: `There are ${names.length} clouds on this machine: ${names.sort().join(', ')}`,
    next: 'Say which one with --name, or with CROQUE_CLOUD in the environment.',
  })
}

function defaultDocument(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  return `apiVersion: croque.dev/v1alpha1\nkind: Cloud\nmetadata:\n  name: ${JSON.stringify(name)}\n`
}

async function readDocument(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new CroqueError('document-missing', { what: `${path} cannot be read`, why: String(cause), cause })
  }
}
