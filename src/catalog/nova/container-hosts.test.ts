/** The scheduler's filter for nodes of container guests, with no more of Nova than it names. */
import { expect, test } from 'vitest'
import { pythonWith } from './python-fixture.ts'

const python = pythonWith({
  'nova/__init__.py': '',
  'nova/scheduler/__init__.py': '',
  'nova/scheduler/filters.py': 'class BaseHostFilter:\n    pass\n',
})

/** `spec` tells of a field that is not set by `in`, as the objects of Nova do. */
const script = `
import json, sys
from container_hosts import ContainerHostsFilter

class Spec(dict):
    __getattr__ = dict.__getitem__

supported, image, is_bfv = json.loads(sys.argv[1])
spec = Spec()
if is_bfv is not None:
    spec['is_bfv'] = is_bfv
spec['image'] = None if image is None else type('Image', (), {'properties': image})
host = type('Host', (), {'supported_instances': supported})
print(ContainerHostsFilter().host_passes(host, spec))
`

const qemu = [['x86_64', 'qemu', 'hvm']]
const lxc = [
  ['i686', 'lxc', 'exe'],
  ['x86_64', 'lxc', 'exe'],
]

test.each([
  ['an image that says nothing stays away', lxc, {}, false, false],
  ['an image for containers may come', lxc, { img_hv_type: 'lxc' }, false, true],
  ['an image for others stays away', lxc, { img_hv_type: 'qemu' }, false, false],
  ['a volume made of an image for containers stays away', lxc, { img_hv_type: 'lxc' }, true, false],
  ['an older request does not tell of volumes', lxc, { img_hv_type: 'lxc' }, null, true],
  ['a request without an image stays away', lxc, null, false, false],
  ['other nodes are not judged', qemu, {}, true, true],
  ['a node that has not said what it has is not judged', null, {}, false, true],
])('%s', (_case, supported, image, isVolume, passes) => {
  const { stdout, stderr } = python(script, [supported, image, isVolume])
  expect(stdout, stderr).toBe(passes ? 'True' : 'False')
})
