/** What a cloud needs of nodes that are containers of this machine: they have its kernel. */
import { run } from '../../host/index.ts'
import type { Finding, NodeNeed } from '../underlay.ts'
import { judgeNeed } from './preflight-judge.ts'

export async function preflightNeeds(needs: readonly NodeNeed[]): Promise<readonly Finding[]> {
  return await Promise.all(
    needs.map(async (need) => {
      if (need.notEmbedded !== undefined) return judgeNeed(need, false)
      const { stdout } = await run('sh', ['-c', `if ${need.test}; then echo yes >&3; fi 3>&1 >/dev/null`])
      return judgeNeed(need, stdout.trim() === 'yes')
    }),
  )
}
