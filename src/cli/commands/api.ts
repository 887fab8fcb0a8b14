/** `api`: the API of clusters in the foreground, for tests and development. */
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { lineLog, loadConfig, makeDefinitions, type ServiceConfig, serveUntil } from '../../clusters/index.ts'
import { CroqueError } from '../../errors/index.ts'
import { createKube, type KubeEndpoint, readableLine } from '../../kube/index.ts'
import { openAccess } from '../../underlay/kubeconfig/index.ts'
import type { CommandContext, Run } from '../command.ts'

export const run: Run = async (context) => {
  const { stdout, output, signal, now } = context
  const config = await configOf(context)
  const endpoint = await endpointOf(context)
  const write = (line: string): void =>
    void stdout.write(output === 'json' ? line : `${readableLine(line.trimEnd())}\n`)
  const log = lineLog(write, now)
  const made = await missingKinds(endpoint, signal)
  if (made.length > 0) log({ level: 'INFO', message: `Defined ${made.join(', ')}` })
  await serveUntil({ config, endpoint, name: hostname(), log }, signal)
  return { summary: 'The API of clusters has stopped' }
}

async function configOf({ options, cwd, env }: CommandContext): Promise<ServiceConfig> {
  const file = options.value('config')
  if (file === undefined) return loadConfig('', env)
  const text = await readFile(resolve(cwd, file), 'utf8').catch((cause: unknown) => {
    throw new CroqueError('argument-invalid', { what: `${file} cannot be read: ${String(cause)}`, cause })
  })
  return loadConfig(text, env)
}

async function endpointOf({ options, cwd, env }: CommandContext): Promise<KubeEndpoint> {
  const [file, chosen] = [options.value('kubeconfig'), options.value('context')]
  return await openAccess({
    ...{ cwd, env },
    ...(file === undefined ? {} : { file }),
    ...(chosen === undefined ? {} : { context: chosen }),
  })
}

async function missingKinds(endpoint: KubeEndpoint, signal: AbortSignal): Promise<readonly string[]> {
  const kube = createKube(endpoint)
  try {
    return await makeDefinitions(kube, signal)
  } finally {
    kube.close()
  }
}
