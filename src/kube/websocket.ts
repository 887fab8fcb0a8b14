/** WebSockets (RFC 6455) to an API server, as far as exec and port-forward need them: binary messages, each with a channel before it. */
import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { Duplex } from 'node:stream'
import { refusal } from './answer.ts'
import type { KubeEndpoint } from './endpoint.ts'
import { tlsOf } from './transport.ts'

export interface Channels {
  /** Calls back when the system has taken it. */
  send(channel: number, data: Uint8Array, done: (error?: Error | null) => void): void
  close(): void
}

export interface ChannelEvents {
  readonly onData: (channel: number, data: Buffer) => void
  /** Once, when nothing more will come; with what went wrong, if anything did. */
  readonly onEnd: (error?: Error) => void
}

const protocol = 'v4.channel.k8s.io'
const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const openMs = 15_000
const opcodes = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** Throws a {@link KubeError} when the server refuses, and what the connection says when there is none. */
export async function openChannels(
  endpoint: KubeEndpoint,
  path: string,
  events: ChannelEvents,
  signal?: AbortSignal,
): Promise<Channels> {
  const { socket, head } = await upgrade(endpoint, path, signal)
  let ended = false
  const end = (error?: Error): void => {
    if (ended) return
    ended = true
    socket.destroy()
    events.onEnd(error)
  }
  const feed = frames((opcode, data) => {
    if (opcode === opcodes.ping) socket.write(frame(opcodes.pong, data))
    else if (opcode === opcodes.close) end()
    else if (opcode === opcodes.binary && data.length > 1) events.onData(data[0] ?? 0, data.subarray(1))
  })
  socket.on('data', feed)
  socket.on('error', end)
  socket.on('close', () => end())
  // What came with the answer is read when the caller has what is returned here.
  if (head.length > 0) setImmediate(() => feed(head))
  return {
    send: (channel, data, done) => {
      if (ended) done(new Error('the connection has ended'))
      else socket.write(frame(opcodes.binary, Buffer.concat([Buffer.from([channel]), data])), done)
    },
    close: () => {
      if (!ended) socket.write(frame(opcodes.close, Buffer.alloc(0)))
      end()
    },
  }
}

async function upgrade(
  endpoint: KubeEndpoint,
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly socket: Duplex; readonly head: Buffer }> {
  const key = randomBytes(16).toString('base64')
  const token = await endpoint.token?.()
  return await new Promise((resolve, reject) => {
    const asked = request(new URL(path, endpoint.server), {
      ...tlsOf(endpoint),
      agent: false,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
        'sec-websocket-protocol': protocol,
        'user-agent': 'croque',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(signal === undefined ? {} : { signal }),
    })
    asked.setTimeout(openMs, () => asked.destroy(new Error(`no answer within ${openMs / 1000} s`)))
    asked.on('error', reject)
    asked.on('response', (response) => {
      textOf(response).then(
        (text) => reject(refusal(response.statusCode ?? 500, text, `The API server refused ${path}`)),
        reject,
      )
    })
    asked.on('upgrade', (response, socket, head) => {
      asked.setTimeout(0)
      const accepted = createHash('sha1')
        .update(key + magic)
        .digest('base64')
      if (response.headers['sec-websocket-accept'] === accepted) return resolve({ socket, head })
      socket.destroy()
      reject(new Error('the answer to the WebSocket handshake is wrong'))
    })
    asked.end()
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** A whole message; a client's are masked. */
function frame(opcode: number, data: Uint8Array): Buffer {
  const { length } = data
  const size = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8)
  if (size.length === 2) size.writeUInt16BE(length)
  if (size.length === 8) size.writeBigUInt64BE(BigInt(length))
  const short = size.length === 0 ? length : size.length === 2 ? 126 : 127
  const mask = randomBytes(4)
  const masked = Buffer.from(data.map((byte, index) => byte ^ (mask[index % 4] ?? 0)))
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | short]), size, mask, masked])
}

/** Takes bytes as they come and calls back with every whole message of a server, which masks nothing. */
function frames(onMessage: (opcode: number, data: Buffer) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let parts: Buffer[] = []
  let first = 0
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    for (let found = nextFrame(rest); found !== undefined; found = nextFrame(rest)) {
      const { opcode, last, data, length } = found
      rest = rest.subarray(length)
      if (opcode >= opcodes.close) {
        onMessage(opcode, data)
        continue
      }
      if (opcode !== opcodes.more) first = opcode
      parts.push(data)
      if (!last) continue
      const whole = parts
      parts = []
      onMessage(first, Buffer.concat(whole))
    }
  }
}

function nextFrame(bytes: Buffer) {
  if (bytes.length < 2) return undefined
  const [start = 0, short = 0] = bytes
  const size = (short & 0x7f) < 126 ? 0 : (short & 0x7f) === 126 ? 2 : 8
  const head = 2 + size
  if (bytes.length < head) return undefined
  const length = size === 0 ? short & 0x7f : size === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < head + length) return undefined
  return {
    opcode: start & 0x0f,
    last: (start & 0x80) !== 0,
    data: bytes.subarray(head, head + length),
    length: head + length,
  }
}
