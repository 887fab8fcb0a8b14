/** Whether a floating IP answers, seen from the network node. Needs Python 3 there, which every image of OpenStack has. */
import { CroqueError } from '../../errors/index.ts'
import { pause } from '../../openstack/index.ts'
import type { StepContext } from '../content.ts'

/** Binding of the address, ARP, and the guest's web server right after boot. */
const answerMs = 60_000

/** An ICMP echo over a raw socket, so that no `ping` need be installed; exit 0 when the echo comes back within 2 s. */
const ping = `
import os, socket, struct, sys, time
def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff
ident = os.getpid() & 0xffff
packet = lambda check: struct.pack('!BBHHH', 8, 0, check, ident, 1) + b'croque ping data'
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
raw.sendto(packet(checksum(packet(0))), (sys.argv[1], 0))
end = time.time() + 2
while time.time() < end:
    raw.settimeout(max(0.01, end - time.time()))
    try:
        data, (sender, _) = raw.recvfrom(2048)
    except OSError:
        break
    kind, _, _, number, _ = struct.unpack('!BBHHH', data[20:28])
    if (sender, kind, number) == (sys.argv[1], 0, ident):
        sys.exit(0)
sys.exit('no echo')
`

/** Prints the status of a GET. */
const get = `
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1], 80, timeout=5)
connection.request('GET', '/')
print(connection.getresponse().status)
`

/** Prints what the test guest at an address says of fetching a URL; fails when it could not. */
const fetchInGuest = `
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1], 80, timeout=20)
connection.request('GET', '/cgi-bin/fetch?' + sys.argv[2])
said = connection.getresponse().read().decode().strip()
print(said)
sys.exit(not said.startswith('bytes '))
`

/** The public APIs are reached from inside the guest under the same URL as from anywhere else. */
export async function guestReaches(context: StepContext, address: string, url: string): Promise<void> {
  await untilAnswer(context, `the guest's request to ${url}`, ['python3', '-c', fetchInGuest, address, url])
}

export async function answersPing(context: StepContext, address: string): Promise<void> {
  await untilAnswer(context, `a ping of ${address}`, ['python3', '-c', ping, address])
}

export async function answersHttp(context: StepContext, address: string): Promise<void> {
  await untilAnswer(context, `HTTP from ${address}`, ['python3', '-c', get, address])
}

async function untilAnswer(context: StepContext, what: string, command: readonly string[]): Promise<void> {
  const end = Date.now() + answerMs
  context.say(`waiting for the answer to ${what}`)
  for (;;) {
    const { code, stdout } = await context.onNetworkNode(command)
    if (code === 0) return
    if (Date.now() > end) {
      throw new CroqueError('verification-failed', {
        what: `no answer to ${what} within ${answerMs / 1000} s`,
        why: stdout.trim() === '' ? `exit code ${code}` : (stdout.trim().split('\n').at(-1) ?? ''),
        next: 'Look at `./croque logs neutron` and `./croque logs ovn`, then repeat with `./croque verify`.',
      })
    }
    await pause(1000, context.signal)
  }
}
