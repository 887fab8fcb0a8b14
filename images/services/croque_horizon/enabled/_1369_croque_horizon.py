# Before magnum-ui: a static file of both is that of the first.
FEATURE = 'croque_horizon'
ADD_INSTALLED_APPS = ['croque_horizon']
ADD_ANGULAR_MODULES = ['croque_horizon']
ADD_JS_FILES = ['croque_horizon/node-images.js']
UPDATE_HORIZON_CONFIG = {'customization_module': 'croque_horizon.overrides'}
