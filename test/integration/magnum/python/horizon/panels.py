"""
Horizon as our image has it, as a WSGI application: the catalog's settings, and the panels that are copied in where the image is built.
What the image holds ready besides, static files and memcached, is left out.
"""
import importlib.util
import os
import sys
import types

import local_settings as settings
from openstack_dashboard.local import enabled

for name in ('magnum_ui', 'croque_horizon'):
    [place] = importlib.util.find_spec(name).submodule_search_locations
    enabled.__path__.append(os.path.join(place, 'enabled'))

settings.CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}
settings.COMPRESS_OFFLINE = settings.COMPRESS_ENABLED = False
settings.COMPRESS_PRECOMPILERS = ()
sys.modules['local'] = types.ModuleType('local')
sys.modules['local.local_settings'] = settings

from openstack_dashboard.wsgi import application  # noqa: E402, F401
