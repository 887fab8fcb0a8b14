import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createCa, issueServer } from '../pki/index.ts'
import { createKube, type Kube } from './index.ts'

let server: Server | undefined
let kube: Kube | undefined

afterEach(() => {
  kube?.close()
  server?.close()
})

/** An API server that forbids everything as long as its roles are not read, and is ready as `isReady` says. */
async function serve(forbids: () => boolean, isReady: () => boolean): Promise<Kube> {
  const ca = await createCa({ commonName: 'test', days: 1, now: new Date() })
  const pair = await issueServer({
    ca,
    commonName: 'x',
    dnsNames: [],
    ipAddresses: ['127.0.0.1'],
    days: 1,
    now: new Date(),
  })
  server = createServer({ cert: pair.cert, key: pair.key }, (request, response) => {
    const refused = request.url === '/readyz' ? !isReady() : forbids()
    const answer = { kind: 'Status', message: 'forbidden', metadata: { name: 'x', resourceVersion: '1' } }
    if (request.url === '/readyz') {
      response.writeHead(refused ? 500 : 200, { 'content-type': 'text/plain; charset=utf-8' })
      response.end(refused ? 'not yet' : 'ok')
      return
    }
    response.writeHead(refused ? 403 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  kube = createKube({ server: `https://127.0.0.1:${port}`, ca: ca.cert, clientCert: pair.cert, clientKey: pair.key })
  return kube
}

const ref = { apiVersion: 'v1', kind: 'Node', name: 'x' }

test('what a server forbids before it is ready says nothing', async () => {
  let asked = 0
  const client = await serve(
    () => ++asked < 4,
    () => asked > 2,
  )
  expect(await client.get(ref)).toMatchObject({ metadata: { name: 'x' } })
})

test('what a ready server forbids is forbidden', async () => {
  const client = await serve(
    () => true,
    () => true,
  )
  const begun = Date.now()
  await expect(client.get(ref)).rejects.toMatchObject({ code: 'kube-forbidden' })
  expect(Date.now() - begun).toBeLessThan(5000)
})
