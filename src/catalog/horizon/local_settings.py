import os

DEBUG = False
COMPRESS_OFFLINE = True
WEBROOT = '/dashboard/'
STATIC_ROOT = '/var/lib/horizon/static'
LOCAL_PATH = '/tmp'
# By its address the Pod is asked for its health.
ALLOWED_HOSTS = [os.environ['PUBLIC_HOST'], os.environ['POD_IP']]
SECRET_KEY = os.environ['SECRET_KEY']

# The gateway ends TLS.
SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
USE_X_FORWARDED_HOST = True
CSRF_TRUSTED_ORIGINS = [os.environ['PUBLIC_URL']]
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True

SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
CACHES = {'default': {
    'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
    'LOCATION': 'memcached-server:11211',
}}

OPENSTACK_KEYSTONE_URL = os.environ['KEYSTONE_URL']
OPENSTACK_SSL_CACERT = os.environ.get('CA_FILE')
OPENSTACK_ENDPOINT_TYPE = 'internalURL'
OPENSTACK_KEYSTONE_DEFAULT_ROLE = 'member'
TIME_ZONE = 'UTC'

LOGGING = {
    'version': 1,
    'disable_existing_loggers': False,
    'formatters': {'json': {'()': 'oslo_log.formatters.JSONFormatter'}},
    'handlers': {'console': {'class': 'logging.StreamHandler', 'formatter': 'json'}},
    'root': {'handlers': ['console'], 'level': 'INFO'},
    'loggers': {
        'django': {'handlers': ['console'], 'level': 'INFO', 'propagate': False},
        # At this level it tells of every call that it makes, tokens left out.
        'keystoneauth': {'level': 'WARNING'},
    },
}
