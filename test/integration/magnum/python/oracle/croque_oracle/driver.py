"""A driver of Magnum that makes nothing: clusters stay *_IN_PROGRESS until the test says, in the database, that they are done."""
import uuid

from magnum.drivers.common import driver


class Driver(driver.Driver):
    @property
    def provides(self):
        return [
            {'server_type': server, 'os': distro, 'coe': 'kubernetes'}
            for server in ('vm', 'bm')
            for distro in ('fedora-coreos', 'croque')
        ]

    def create_cluster(self, context, cluster, cluster_create_timeout):
        cluster.stack_id = str(uuid.uuid4())

    def update_cluster(self, context, cluster, scale_manager=None, rollback=False):
        pass

    def upgrade_cluster(self, context, cluster, cluster_template, max_batch_size, nodegroup, scale_manager=None, rollback=False):
        cluster.cluster_template_id = cluster_template.uuid

    def delete_cluster(self, context, cluster):
        pass

    def resize_cluster(self, context, cluster, resize_manager, node_count, nodes_to_remove, nodegroup=None):
        pass

    def create_federation(self, context, federation):
        raise NotImplementedError()

    def update_federation(self, context, federation):
        raise NotImplementedError()

    def delete_federation(self, context, federation):
        raise NotImplementedError()

    def create_nodegroup(self, context, cluster, nodegroup):
        nodegroup.stack_id = str(uuid.uuid4())

    def update_nodegroup(self, context, cluster, nodegroup):
        pass

    def delete_nodegroup(self, context, cluster, nodegroup):
        # The conductor has set the status, and leaves it to the driver to keep it.
        nodegroup.save()

    def rotate_ca_certificate(self, context, cluster):
        pass

    def rotate_credential(self, context, cluster):
        pass
