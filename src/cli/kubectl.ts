/** kubectl, with the kubeconfig of the cloud's underlay or of a cluster. */
import { spawn } from 'node:child_process'
import { CroqueError } from '../errors/index.ts'
import type { KubeAccess } from '../underlay/index.ts'
import type { CommandContext } from './command.ts'
import type { Installation } from './installation.ts'

type Access = Pick<KubeAccess, 'kubectl' | 'context' | 'kubeconfigFile'>

/** Gives the terminal to kubectl; returns its exit code. */
export async function interactiveKubectl(
  context: CommandContext,
  installation: Installation,
  args: readonly string[],
): Promise<number> {
  const access = await installation.underlay.access()
  if (access === undefined) {
    throw new CroqueError('underlay-absent', {
      what: `the cloud ${installation.cloud.metadata.name} is not on this machine`,
    })
  }
  return await runKubectl(context, access, args)
}

/** The same with any kubeconfig. */
export async function runKubectl(
  context: Pick<CommandContext, 'env'>,
  { kubectl: path = 'kubectl', context: name, kubeconfigFile }: Access,
  args: readonly string[],
): Promise<number> {
  const before = name === undefined ? [] : ['--context', name]
  const env = { ...context.env, KUBECONFIG: kubeconfigFile }
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
