# Settings for building the static files; a cloud mounts its own over this file.
COMPRESS_OFFLINE = True
WEBROOT = '/dashboard/'
ALLOWED_HOSTS = []
STATIC_ROOT = '/var/lib/horizon/static'
SECRET_KEY = 'only for building static files'
SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'
CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}
TIME_ZONE = 'UTC'
