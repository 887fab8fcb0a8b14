import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { expect, test } from 'vitest'
import { createCa, issueServer, needsRenewal, parseCertificate } from './index.ts'

const day = 86_400_000
const now = new Date()
const ca = await createCa({ commonName: 'croque test CA', days: 30, now })
const server = await issueServer({
  ca,
  commonName: 'cloud.croque.local',
  dnsNames: ['cloud.croque.local', '*.cloud.svc'],
  ipAddresses: ['127.0.0.1'],
  days: 10,
  now,
})

/** Authorization error of a handshake with our server, '' when the client trusts it. */
async function handshake(trusted: string, name: string): Promise<string> {
  const listener = createServer({ cert: server.cert, key: server.key }, (socket) => socket.end()).listen(0, '127.0.0.1')
  listener.on('tlsClientError', () => undefined)
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const socket = connect({ port: address.port, host: '127.0.0.1', servername: name, ca: trusted })
  try {
    await once(socket, 'secureConnect')
    return ''
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  } finally {
    socket.destroy()
    listener.close()
  }
}

test('a client that trusts the CA shakes hands with the server under its names', async () => {
  expect(await handshake(ca.cert, 'cloud.croque.local')).toBe('')
  expect(await handshake(ca.cert, 'nova.cloud.svc')).toBe('')
})

test('another name and another CA are refused', async () => {
  const stranger = await createCa({ commonName: 'croque test CA', days: 30, now })
  expect(await handshake(ca.cert, 'other.croque.local')).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  expect(await handshake(stranger.cert, 'cloud.croque.local')).not.toBe('')
})

test('a certificate may be shown by a client when that was asked for', async () => {
  const both = await issueServer({ ca, commonName: 'a', dnsNames: ['a'], ipAddresses: [], days: 10, now, client: true })
  const [serverAuth, clientAuth] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']
  expect(new X509Certificate(both.cert).keyUsage).toEqual([serverAuth, clientAuth])
  expect(new X509Certificate(server.cert).keyUsage).toEqual([serverAuth])
})

test.skipIf(spawnSync('openssl', ['version']).error !== undefined)('openssl verifies the chain strictly', () => {
  const directory = mkdtempSync(join(tmpdir(), 'croque-pki-'))
  try {
    writeFileSync(join(directory, 'ca.pem'), ca.cert)
    writeFileSync(join(directory, 'server.pem'), server.cert)
    const options = [
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-verify_hostname',
      'cloud.croque.local',
      '-verify_ip',
      '127.0.0.1',
    ]
    const output = execFileSync('openssl', ['verify', ...options, '-CAfile', 'ca.pem', 'server.pem'], {
      cwd: directory,
    })
    expect(String(output)).toBe('server.pem: OK\n')
    const text = String(
      execFileSync('openssl', ['x509', '-in', 'ca.pem', '-noout', '-ext', 'keyUsage,basicConstraints'], {
        cwd: directory,
      }),
    )
    expect(text).toContain('Certificate Sign, CRL Sign')
    expect(text).toContain('CA:TRUE, pathlen:0')
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('names and validity are read back', () => {
  const read = parseCertificate(server.cert)
  expect(read).toMatchObject({
    commonName: 'cloud.croque.local',
    dnsNames: ['cloud.croque.local', '*.cloud.svc'],
    ipAddresses: ['127.0.0.1'],
    isCa: false,
  })
  const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
  expect(seconds(read.notBefore)).toBe(seconds(now) - 300)
  expect(seconds(read.notAfter)).toBe(seconds(now) + 10 * 86_400)
  expect(parseCertificate(ca.cert).isCa).toBe(true)
})

test('a server certificate does not outlive its CA', async () => {
  const long = await issueServer({ ca, commonName: 'x', dnsNames: ['x'], ipAddresses: [], days: 365, now })
  expect(parseCertificate(long.cert).notAfter).toEqual(parseCertificate(ca.cert).notAfter)
})

test.each([0x00, 0x7f, 0x80, 0xff])('a serial number that begins with byte %i is positive and whole', async (first) => {
  const random = (count: number) => Buffer.concat([Buffer.from([first, first]), Buffer.alloc(count - 2, 0x5a)])
  const { cert } = await issueServer({ ca, commonName: 'x', dnsNames: ['x'], ipAddresses: [], days: 1, now, random })
  const { X509Certificate } = await import('node:crypto')
  expect(BigInt(`0x${new X509Certificate(cert).serialNumber}`)).toBe(BigInt(`0x${random(16).toString('hex')}`))
})

test('renewal is due in the last third, for a new name and for a new CA', async () => {
  const later = (days: number) => new Date(now.getTime() + days * day)
  const other = await createCa({ commonName: 'other', days: 30, now })
  expect(
    needsRenewal(server.cert, { now, dnsNames: ['cloud.croque.local'], ipAddresses: ['127.0.0.1'], ca: ca.cert }),
  ).toBe(false)
  expect(needsRenewal(server.cert, { now: later(6) })).toBe(false)
  expect(needsRenewal(server.cert, { now: later(7) })).toBe(true)
  expect(needsRenewal(server.cert, { now, dnsNames: ['new.croque.local'] })).toBe(true)
  expect(needsRenewal(server.cert, { now, ipAddresses: ['10.0.0.1'] })).toBe(true)
  expect(needsRenewal(server.cert, { now, ca: other.cert })).toBe(true)
})
