/**
 * The process of a container: `croque api` without the rest of the command line, as the account of its Pod.
 * `node serve.ts CONFIG`; its log goes to stdout.
 */
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { lineLog, loadConfig, serveUntil } from '../clusters/index.ts'
import { toCroqueError } from '../errors/index.ts'
import type { KubeEndpoint } from '../kube/index.ts'

/** Where `src/render/volumes.ts` mounts the account. */
const accountDir = '/var/run/secrets/croque'

type Environment = Readonly<Record<string, string>>

/** The API server as every Pod is told it; the kubelet renews the token long before it ends. */
async function podEndpoint(env: Environment): Promise<KubeEndpoint> {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? 'kubernetes.default.svc'
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443'
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: await readFile(join(accountDir, 'ca.crt'), 'utf8'),
    token: async () => (await readFile(join(accountDir, 'token'), 'utf8')).trim(),
  }
}

const log = lineLog((line) => void process.stdout.write(line), Date.now)
const stopped = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopped.abort())
try {
  const env = Object.fromEntries(Object.entries(process.env).flatMap(([key, value]) => (value ? [[key, value]] : [])))
  const config = loadConfig(await readFile(process.argv[2] ?? '/etc/magnum/magnum.yaml', 'utf8'), env)
  const endpoint = await podEndpoint(env)
  await serveUntil({ config, endpoint, name: env['POD_NAME'] ?? hostname(), log }, stopped.signal)
} catch (error) {
  const { code, message, why, next } = toCroqueError(error)
  log({ level: 'ERROR', message: why === undefined ? message : `${message}: ${why}`, facts: { code, next } })
  process.exitCode = 1
}
