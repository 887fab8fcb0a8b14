/** Nova's driver for container guests, with no more of Nova than it names: a LibvirtDriver that waits as Nova's own does. */
import { expect, test } from 'vitest'
import { pythonWith } from './python-fixture.ts'

const libvirt = `
from nova.compute import power_state

class LibvirtDriver:
    def __init__(self, states):
        self._states = states

    def get_info(self, instance, use_cache=True):
        return type('Info', (), {'state': getattr(power_state, self._states.pop(0))})

    def _create_guest_with_network(self, context, xml, instance, power_on=True):
        # Its disk is unmounted by this.
        self.get_info(instance)
        return 'guest'

    def _start(self, context, instance):
        assert self._create_guest_with_network(context, 'xml', instance, power_on=True) == 'guest'
        while self.get_info(instance).state != power_state.RUNNING:
            pass

    def _teardown_container(self, instance):
        print(instance.system_metadata.get('rootfs_device_name', 'nothing'))

    def spawn(self, context, instance, image_meta=None):
        self._start(context, instance)

    def _hard_reboot(self, context, instance, network_info=None):
        self.get_info(instance)
        self._start(context, instance)
`
const python = pythonWith({
  'nova/__init__.py': '',
  'nova/exception.py': `
class InstancePowerOnFailure(Exception):
    def __init__(self, reason):
        super().__init__(f'Failed to power on instance: {reason}')
`,
  'nova/compute/__init__.py': '',
  'nova/compute/power_state.py': 'NOSTATE, RUNNING, SHUTDOWN, CRASHED = range(4)\n',
  'nova/virt/__init__.py': '',
  'nova/virt/libvirt/__init__.py': libvirt,
})

const script = `
import json, sys
from container_driver import ContainerDriver
method, states = json.loads(sys.argv[1])
driver = ContainerDriver(states)
instance = type('Instance', (), {'uuid': 'u'})
try:
    getattr(driver, method)(None, instance)
    print('started')
except Exception as error:
    print(error)
# Whoever asks later only asks.
states[:] = ['SHUTDOWN']
driver.get_info(instance)
`

const teardown = `
import io, json, sys
import container_driver
metadata, files = json.loads(sys.argv[1])

def opened(path):
    if path not in files:
        raise FileNotFoundError(path)
    return io.StringIO(files[path])

container_driver.open = opened
instance = type('Instance', (), {'uuid': 'u1', 'system_metadata': metadata})
container_driver.ContainerDriver([])._teardown_container(instance)
`

const ended = 'Failed to power on instance: its init ended as soon as it had begun'

test.each([
  ['a guest that runs', 'spawn', ['RUNNING', 'RUNNING'], 'started'],
  ['a guest that needs a while', 'spawn', ['NOSTATE', 'NOSTATE', 'RUNNING'], 'started'],
  ['one that ended before its disk was unmounted', 'spawn', ['SHUTDOWN', 'SHUTDOWN'], ended],
  ['one that ended after that', 'spawn', ['RUNNING', 'CRASHED'], ended],
  ['a server that was off and runs', '_hard_reboot', ['SHUTDOWN', 'RUNNING', 'RUNNING'], 'started'],
  ['a server that was off and stays off', '_hard_reboot', ['SHUTDOWN', 'RUNNING', 'SHUTDOWN'], ended],
])('%s', (_case, method, states, said) => {
  const { stdout, stderr } = python(script, [method, states])
  expect(stdout, stderr).toBe(said)
})

const device = { rootfs_device_name: '/dev/loop3' }
const backing = (uuid: string) => ({ '/sys/block/loop3/loop/backing_file': `/var/lib/nova/instances/${uuid}/disk\n` })

test.each([
  ['its own loop device', device, backing('u1'), '/dev/loop3'],
  ['one that is free by now', device, {}, 'nothing'],
  ['one that another guest has by now', device, backing('u10'), 'nothing'],
  ['none', {}, backing('u1'), 'nothing'],
])('a guest that ends lets go of %s', (_case, metadata, files, said) => {
  const { stdout, stderr } = python(teardown, [metadata, files])
  expect(stdout, stderr).toBe(said)
})
