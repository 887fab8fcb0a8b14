import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const scripts = resolve(import.meta.dirname, '../../images/contract/root/usr/local/bin')
let server: Server
let port: number

beforeEach(async () => {
  server = createServer((request, answer) => answer.writeHead(Number(request.url?.slice(1) || 200)).end('x'))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function check(
  script: string,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn('/usr/bin/python3', ['-ISE', `${scripts}/${script}`, ...args])
  let out = ''
  child.stdout.on('data', (data) => {
    out += data
  })
  return new Promise((done) => child.on('close', (code) => done({ code, out })))
}

describe('healthcheck_curl', () => {
  test.each([
    ['200', 0],
    ['300', 0],
    ['401', 1],
    ['503', 1],
  ])('a status of %s ends it with %i', async (status, code) => {
    expect((await check('healthcheck_curl', `http://127.0.0.1:${port}/${status}`)).code).toBe(code)
  })

  test('says why when nobody listens', async () => {
    const { code, out } = await check('healthcheck_curl', 'http://127.0.0.1:1/')
    expect([code, out]).toEqual([1, expect.stringContaining('refused')])
  })
})

describe('healthcheck_listen', () => {
  test('finds the listener by process and port', async () => {
    expect((await check('healthcheck_listen', 'node', String(port))).code).toBe(0)
  })

  test.each([
    ['node', '1', 'has no listener'],
    ['no-such-process', '1', 'no process is named'],
  ])('%s on %s: %s', async (name, at, text) => {
    const { code, out } = await check('healthcheck_listen', name, at)
    expect([code, out]).toEqual([1, expect.stringContaining(text)])
  })
})

test('healthcheck_port wants a connection, not a listener', async () => {
  expect((await check('healthcheck_port', 'node', String(port))).code).toBe(1)
  const response = fetch(`http://127.0.0.1:${port}/200`)
  await (await response).text()
  expect((await check('healthcheck_port', 'node', `1,${port}`)).code).toBe(0)
})
