import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run as runProgram } from '../../host/index.ts'
import { answer } from '../answer.ts'
import type { CommandContext, Run } from '../command.ts'

export const run: Run = async (context) => {
  const [{ version }, commit] = await Promise.all([packageOf(context), commitOf(context)])
  const text = `croque ${version}${commit === undefined ? '' : ` (${commit})`}\n`
  answer(context, { text, data: { version, ...(commit === undefined ? {} : { commit }) } })
  return {}
}

async function packageOf({ repoDir }: CommandContext): Promise<{ readonly version: string }> {
  return JSON.parse(await readFile(join(repoDir, 'package.json'), 'utf8'))
}

/** Undefined without git, and in a copy that is no checkout: one that lies inside another repository would show the commit of that. */
async function commitOf({ repoDir, env, signal }: CommandContext): Promise<string | undefined> {
  if (!existsSync(join(repoDir, '.git'))) return undefined
  return await runProgram('git', ['-C', repoDir, 'rev-parse', '--short=12', 'HEAD'], { env, signal }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )
}
