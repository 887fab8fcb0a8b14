/** Guests of a cloud: by their web servers, asked from the network namespace of a network node, and from within. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import type { Installation } from './installation.ts'
import { processes } from './processes.ts'

/** Asks a guest's web server for its status ten times a second until stopped; tells the longest silence, in milliseconds. */
export function watchGuest(
  netns: string,
  address: string,
): { readonly stop: () => Promise<{ readonly gap: number; readonly answers: number }> } {
  const script = `
    const http = require('node:http')
    let last = performance.now(), gap = 0, answers = 0
    const note = () => { gap = Math.max(gap, performance.now() - last) }
    const ask = () => http.get({ host: '${address}', timeout: 400, agent: false }, (response) => {
      note(); last = performance.now(); answers += 1; response.resume()
    }).on('timeout', function () { this.destroy() }).on('error', () => undefined)
    setInterval(ask, 100)
    process.on('SIGTERM', () => { note(); console.log(JSON.stringify({ gap, answers })); process.exit() })`
  const child = spawn('nsenter', [`--net=${netns}`, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  return {
    stop: async () => {
      child.kill('SIGTERM')
      await new Promise((done) => child.once('close', done))
      return JSON.parse(said) as { gap: number; answers: number }
    },
  }
}

/** What a URL answers in that namespace, certificates unseen; empty while nobody does. */
export function asked(netns: string, url: string): string {
  const script = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    fetch(process.argv[1], { signal: AbortSignal.timeout(20000) }).then((r) => r.text()).then((t) => console.log(t), () => undefined)`
  return spawnSync('nsenter', [`--net=${netns}`, process.execPath, '-e', script, url], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).stdout.trim()
}

/**
 * Runs a script of the shell in a node of a cluster that is a container guest of this machine, as its own root would; `input` is a file
 * descriptor. @returns what it printed
 */
export function inGuest(
  cloud: Pick<Installation, 'name'>,
  node: string,
  script: string,
  input: number | 'ignore' = 'ignore',
): string {
  const host = (pid: number): string =>
    spawnSync('nsenter', [`--target=${pid}`, '--uts', 'hostname'], { encoding: 'utf8' }).stdout.trim()
  const pid = processes(cloud, /^\/usr\/bin\/python3 .*\/usr\/lib\/croque\/croque-node/).find(
    (each) => host(each) === node,
  )
  if (pid === undefined) throw new Error(`no container guest of this machine is node ${node}`)
  const place = [`--target=${pid}`, '--mount', '--uts', '--ipc', '--net', '--pid']
  return execFileSync('nsenter', [...place, 'sh', '-c', script], { encoding: 'utf8', stdio: [input, 'pipe', 'pipe'] })
}
