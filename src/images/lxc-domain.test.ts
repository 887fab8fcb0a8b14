/** The domain of a container guest, as libvirt lays it down for libvirt_lxc: what is read of it, and what is added. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const program = 'images/compute/root/usr/lib/croque/lxc-domain'

function asked(what: string, xml: string): { readonly code: number | null; readonly out: string } {
  const { status, stdout } = spawnSync('sh', [program, what], { encoding: 'utf8', input: xml })
  return { code: status, out: stdout }
}

/** As Nova writes it and libvirt lays it down, with what is of no account left out. */
const domain = (
  parts: { readonly tune?: string; readonly features?: string } = {},
): string => `<domstatus state='running' pid='0'>
  <domain type='lxc' id='4321'>
    <name>instance-00000003</name>
    <metadata>
      <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
        <nova:flavor name="m1.nano">
          <nova:memory>512</nova:memory>
        </nova:flavor>
      </nova:instance>
    </metadata>
    <memory unit='KiB'>131072</memory>
    <currentMemory unit='KiB'>131072</currentMemory>
    <vcpu placement='static'>2</vcpu>
${parts.tune ?? ''}    <os>
      <type arch='x86_64'>exe</type>
      <init>/sbin/init</init>
      <cmdline>console=tty0 console=ttyS0 console=hvc0</cmdline>
    </os>
${parts.features ?? ''}    <clock offset='utc'/>
    <devices>
      <emulator>/usr/lib/libvirt/libvirt_lxc</emulator>
      <filesystem type='mount' accessmode='passthrough'>
        <source dir='/var/lib/nova/instances/6f6d6b8f/rootfs'/>
        <target dir='/'/>
      </filesystem>
      <interface type='ethernet'>
        <mac address='fa:16:3e:00:00:01'/>
        <target dev='tap12345678-90'/>
      </interface>
      <console type='pty'>
        <target type='lxc' port='0'/>
      </console>
    </devices>
  </domain>
</domstatus>
`

test('what the limits and the network of a guest are made of', () => {
  const rest = 'rootfs /var/lib/nova/instances/6f6d6b8f/rootfs\ntap tap12345678-90\n'
  expect(asked('facts', domain()).out).toBe(`memory 131072\nvcpu 2\n${rest}`)
  const tune =
    '    <cputune>\n      <shares>512</shares>\n      <period>50000</period>\n      <quota>25000</quota>\n    </cputune>\n'
  expect(asked('facts', domain({ tune })).out).toBe(
    `memory 131072\nvcpu 2\nquota 25000\nperiod 50000\nshares 512\n${rest}`,
  )
})

const capabilities =
  "<capabilities policy='default'><mknod state='on'/><sys_rawio state='off'/><syslog state='off'/></capabilities>"

test.each([
  ['no features', '', `</os><features>${capabilities}</features>`],
  ['empty features', '    <features/>\n', `<features>${capabilities}</features>`],
  ['features', '    <features>\n      <acpi/>\n    </features>\n', `<features>${capabilities}\n      <acpi/>`],
])(
  'a domain with %s gets its capabilities and bounded memory file systems, and nothing else changes',
  (_, features, expected) => {
    const before = domain({ features })
    const { out } = asked('edit', before)
    expect(out).toContain(expected)
    expect(out).toContain("<source usage='26214' units='KiB'/><target dir='/run'/>")
    expect(out).toContain("<source usage='32768' units='KiB'/><target dir='/dev/shm'/>")
    const isTouched = (line: string): boolean => /features|<\/os>|<\/devices>/.test(line)
    const rest = (text: string): readonly string[] => text.split('\n').filter((line) => !isTouched(line))
    expect(rest(out)).toEqual(rest(before))
    expect(asked('edit', out).out).toBe(out)
  },
)

test('what is no domain is refused, so that no guest starts without limits', () => {
  expect(asked('edit', '').code).not.toBe(0)
  expect(asked('facts', '<domain><vcpu>1</vcpu></domain>').code).not.toBe(0)
})
