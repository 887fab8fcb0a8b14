"""Runs as root in the image `openstack`: prints what its Horizon has of the panels of clusters, as JSON."""
import json
import os
import re
import sys

# Semaphores live there, which the panels of Heat make; this container has none.
os.makedirs('/dev/shm', exist_ok=True)
os.environ['DJANGO_SETTINGS_MODULE'] = 'openstack_dashboard.settings'
from openstack_dashboard.wsgi import application  # noqa: E402, F401

import horizon  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import resolve  # noqa: E402

settings.ALLOWED_HOSTS = ['testserver']
# Panels are registered when the first address is looked up.
api = resolve('/api/container_infra/clusters/').func.__module__
panels = {}
for dashboard, panel in (('project', 'clusters'), ('project', 'cluster_templates'), ('admin', 'container_infra.quotas')):
    found = horizon.get_dashboard(dashboard).get_panel(panel)
    panels[found.get_absolute_url()] = found.permissions

page = Client().get('/auth/login/').content.decode()
packed = ''
for path in re.findall(r'/dashboard/static/(dashboard/(?:js|css)/output\.\w+\.(?:js|css))', page):
    with open(os.path.join(settings.STATIC_ROOT, path), encoding='utf-8') as file:
        packed += file.read()
# Horizon's application leads `print` to where its errors go.
print(json.dumps({
    'panels': panels,
    'api': api,
    'packed': [word for word in ('horizon.dashboard.container-infra.clusters', 'croque-node', '.pie-chart-legend') if word in packed],
}), file=sys.__stdout__)
