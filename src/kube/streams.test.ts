import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { createCa, issueServer } from '../pki/index.ts'
import { createKube, type Kube } from './index.ts'

let server: Server | undefined
let kube: Kube | undefined

afterEach(() => {
  kube?.close()
  server?.closeAllConnections()
  server?.close()
})

/** A message of a server: binary, unmasked; the lengths of RFC 6455. */
function message(channel: number, data: Uint8Array | string): Buffer {
  const body = Buffer.concat([Buffer.from([channel]), Buffer.from(data)])
  const size = Buffer.alloc(body.length < 126 ? 1 : 3, Math.min(body.length, 126))
  if (size.length === 3) size.writeUInt16BE(body.length, 1)
  return Buffer.concat([Buffer.from([0x82]), size, body])
}
const farewell = Buffer.from([0x88, 0])

/** The only short message that a client sends here, unmasked. */
function unmasked(bytes: Buffer): Buffer {
  const length = (bytes[1] ?? 0) & 0x7f
  return bytes.subarray(6, 6 + length).map((byte, index) => byte ^ (bytes[2 + (index % 4)] ?? 0)) as Buffer
}

async function serve(speak: (socket: Duplex, url: string) => void): Promise<Kube> {
  const now = new Date()
  const ca = await createCa({ commonName: 'test', days: 1, now })
  const pair = await issueServer({ ca, commonName: 'x', dnsNames: [], ipAddresses: ['127.0.0.1'], days: 1, now })
  server = createServer({ cert: pair.cert, key: pair.key }, (_request, response) => {
    response.writeHead(403, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ kind: 'Status', message: 'pods/exec is forbidden' }))
  })
  server.on('upgrade', (request, socket) => {
    if (request.headers.authorization !== 'Bearer mine') {
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
      return
    }
    const key = String(request.headers['sec-websocket-key'])
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    speak(socket, request.url ?? '')
  })
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  kube = createKube({ server: `https://127.0.0.1:${port}`, ca: ca.cert, token: async () => 'mine' })
  return kube
}

const pod = { namespace: 'ours', name: 'a' }

test('a command gives its output and its exit code', async () => {
  const status = { status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: '3' }] } }
  let asked = ''
  const client = await serve((socket, url) => {
    asked = url
    const all = [message(1, 'x'.repeat(300)), message(2, 'oh'), message(3, JSON.stringify(status)), farewell]
    // In two pieces, so that a message is cut.
    const bytes = Buffer.concat(all)
    socket.write(bytes.subarray(0, 100))
    setTimeout(() => socket.write(bytes.subarray(100)), 20)
  })
  const result = await client.exec(pod, { command: ['ping', '-c 1'], container: 'main' })
  expect(result).toEqual({ code: 3, stdout: 'x'.repeat(300), stderr: 'oh' })
  expect(asked).toBe(
    '/api/v1/namespaces/ours/pods/a/exec?stdout=true&stderr=true&container=main&command=ping&command=-c+1',
  )
})

test('a command that never ran is an error', async () => {
  const client = await serve((socket) => void socket.write(farewell))
  await expect(client.exec(pod, { command: ['true'] })).rejects.toMatchObject({ code: 'kube-failed' })
})

test('a connection carries bytes both ways and ends with the other side', async () => {
  const client = await serve((socket) => {
    const port = Buffer.from([0x93, 0x01])
    socket.write(Buffer.concat([message(0, port), message(1, port)]))
    socket.once('data', (bytes: Buffer) => {
      socket.write(Buffer.concat([message(0, unmasked(bytes).subarray(1)), farewell]))
    })
  })
  const stream = await client.connect(pod, 403)
  stream.write('hello')
  const heard: Buffer[] = []
  for await (const chunk of stream) heard.push(chunk as Buffer)
  expect(Buffer.concat(heard).toString()).toBe('hello')
})

test('a port that nobody listens on is refused', async () => {
  const client = await serve((socket) => {
    const port = Buffer.from([0x93, 0x01])
    socket.write(Buffer.concat([message(0, port), message(1, port), message(1, 'connection refused')]))
  })
  const stream = await client.connect(pod, 403)
  await expect(new Promise((_resolve, reject) => stream.on('error', reject))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  })
})
