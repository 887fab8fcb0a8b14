/** The Cloud document of a command: `--file`, else the embedded default, named by `--name` or CROQUE_CLOUD. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CroqueError } from '../errors/index.ts'
import { knownServices } from '../render/index.ts'
import { type Cloud, loadCloud } from '../spec/index.ts'
import type { CommandContext } from './command.ts'

/** Throws `document-missing`, or `document-invalid` after every problem was told as a diagnostic event. */
export async function loadDocument(context: CommandContext): Promise<Cloud> {
  const file = context.options.value('file')
  const text =
    file === undefined
      ? defaultDocument(context.options.value('name') ?? context.env['CROQUE_CLOUD'])
      : await readDocument(resolve(context.cwd, file))
  const loaded = loadCloud(text, { file: file ?? 'the default document', knownServices: knownServices('2026.1') })
  const diagnostics = loaded.ok ? loaded.warnings : loaded.diagnostics
  for (const diagnostic of diagnostics) context.emit({ type: 'diagnostic', ...diagnostic })
  if (loaded.ok) return loaded.cloud
  const count = diagnostics.length
  throw new CroqueError('document-invalid', {
    what: `${file ?? 'the document'} has ${count} ${count === 1 ? 'error' : 'errors'}`,
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
