"""Nova's driver of libvirt for container guests, whose inits may end as soon as they have begun.

LibvirtDriver waits for a guest that it started until libvirt says that it runs. A virtual machine always does; of a container that has
ended by then it waits for ever, under the lock of the server, which cannot be deleted meanwhile.

And it lets go of the loop device that the guest's disk was mounted by whenever the guest ends. The kernel did that when the last process of
the guest was gone, and may have given the device to another guest since, which would lose its disk while that is being mounted.
"""
import os

from nova import exception
from nova.compute import power_state
from nova.virt.libvirt import LibvirtDriver


class ContainerDriver(LibvirtDriver):
    """A guest that ended as soon as it had begun is one that could not be started."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # UUIDs of servers whose guests were started, and are waited for.
        self._begun = set()

    def spawn(self, context, instance, *args, **kwargs):
        try:
            return super().spawn(context, instance, *args, **kwargs)
        finally:
            self._begun.discard(instance.uuid)

    def _hard_reboot(self, context, instance, *args, **kwargs):
        # Servers that were off start by this as well.
        try:
            return super()._hard_reboot(context, instance, *args, **kwargs)
        finally:
            self._begun.discard(instance.uuid)

    def _create_guest_with_network(self, context, xml, instance, *args, **kwargs):
        guest = super()._create_guest_with_network(context, xml, instance, *args, **kwargs)
        self._begun.add(instance.uuid)
        return guest

    def get_info(self, instance, *args, **kwargs):
        info = super().get_info(instance, *args, **kwargs)
        if instance.uuid in self._begun and info.state in (power_state.SHUTDOWN, power_state.CRASHED):
            raise exception.InstancePowerOnFailure(reason='its init ended as soon as it had begun')
        return info

    def _teardown_container(self, instance):
        device = instance.system_metadata.get('rootfs_device_name')
        if device and not _is_of(instance, device):
            del instance.system_metadata['rootfs_device_name']
        super()._teardown_container(instance)


def _is_of(instance, device):
    """Whether the device, a path, is a loop device of a file in the instance's own directory."""
    try:
        with open(f'/sys/block/{os.path.basename(device)}/loop/backing_file') as backing:
            return f'/{instance.uuid}/' in backing.read()
    except OSError:
        return False
