"""The scheduler's word on nodes of container guests.

Nova's ImagePropertiesFilter keeps an image with img_hv_type=lxc from all other nodes. It does not keep an image that says nothing from
these, and such an image is a disk with a boot loader, which no container can be made of; nor does it see volumes, which it has no use for.
"""
from nova.scheduler import filters


class ContainerHostsFilter(filters.BaseHostFilter):
    """Nodes of container guests take images that name lxc, and no server that boots from a volume."""

    # With another image a server may become one that cannot stay.
    RUN_ON_REBUILD = True

    def host_passes(self, host_state, spec_obj):
        if all(kind != 'lxc' for _, kind, _ in host_state.supported_instances or []):
            return True
        if 'is_bfv' in spec_obj and spec_obj.is_bfv:
            return False
        image = spec_obj.image if 'image' in spec_obj else None
        return image is not None and image.properties.get('img_hv_type') == 'lxc'
