"""
Horizon shows a panel to whoever has its permissions, and those of magnum-ui ask for none: a cloud without a service of clusters would
show panels that cannot work.
"""
import horizon

for dashboard, panels in (('project', ('clusters', 'cluster_templates')), ('admin', ('container_infra.quotas',))):
    for panel in panels:
        horizon.get_dashboard(dashboard).get_panel(panel).permissions = ('openstack.services.container-infra',)
