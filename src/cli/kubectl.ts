/** kubectl, with the kubeconfig of the cloud's underlay. */
import { spawn } from 'node:child_process'
import { CroqueError } from '../errors/index.ts'
import type { CommandContext } from './command.ts'
import type { Installation } from './installation.ts'

async function program(
  context: CommandContext,
  installation: Installation,
): Promise<{
  readonly path: string
  readonly before: readonly string[]
  readonly env: Readonly<Record<string, string>>
}> {
  const access = await installation.underlay.access()
  if (access === undefined) {
    throw new CroqueError('underlay-absent', {
      what: `the cloud ${installation.cloud.metadata.name} is not on this machine`,
    })
  }
  return {
    path: access.kubectl ?? 'kubectl',
    before: access.context === undefined ? [] : ['--context', access.context],
    env: { ...context.env, KUBECONFIG: access.kubeconfigFile },
  }
}

/** Gives the terminal to kubectl; returns its exit code. */
export async function interactiveKubectl(
  context: CommandContext,
  installation: Installation,
  args: readonly string[],
): Promise<number> {
  const { path, before, env } = await program(context, installation)
  const child = spawn(path, [...before, ...args], { env, stdio: 'inherit' })
  return await new Promise((resolve, reject) => {
    child.on('error', (cause) =>
      reject(
        new CroqueError('command-failed', {
          what: `${path} could not be started`,
          why: String(cause),
          next: 'Install kubectl; on a cluster of somebody else croque takes that of PATH.',
          cause,
        }),
      ),
    )
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

/** Runs a command in the toolbox with this terminal, when there is one. */
export async function inToolbox(
  context: CommandContext,
  installation: Installation,
  command: readonly string[],
): Promise<number> {
  const { namespace } = installation.rendering
  const terminal = context.isTTY && context.stdin.isTTY ? ['-t'] : []
  return await interactiveKubectl(context, installation, [
    '-n',
    namespace,
    'exec',
    '-i',
    ...terminal,
    'deployment/toolbox-client',
    '-c',
    'client',
    '--',
    ...command,
  ])
}
