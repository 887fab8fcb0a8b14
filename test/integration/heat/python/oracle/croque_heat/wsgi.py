"""
Heat's API and its engine in one process, without a message queue and without a Keystone: oslo.messaging's in-memory transport joins them,
and whoever asks is a member of the project that is asked about. It looks ten times a second, and not once, whether what it waits for is there.
"""
import os

from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)

from heat.common import config, messaging, noauth
from heat.db import models
from heat.engine import scheduler, service, template
from heat.rpc import api
from oslo_config import cfg
from oslo_log import log
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine

CONF = cfg.CONF


class Member(noauth.NoAuthProtocol):
    def _build_user_headers(self, env):
        return {**super()._build_user_headers(env), 'HTTP_X_ROLES': 'member,reader'}


@event.listens_for(Engine, 'before_cursor_execute', retval=True)
def begin_to_write(_connection, _cursor, statement, parameters, _context, _executemany):
    """Whoever only reads at first and then wants to write is refused by SQLite when somebody else wrote meanwhile, however long it waits."""
    return ('BEGIN IMMEDIATE' if statement == 'BEGIN' else statement), parameters


sleep = scheduler.TaskRunner._sleep
scheduler.TaskRunner._sleep = lambda self, wait_time: sleep(self, wait_time and wait_time / 10)
noauth.NoAuthProtocol = Member
log.register_options(CONF)
CONF(['--config-file', os.environ['HEAT_CONF']], project='heat', prog='heat')
log.setup(CONF, 'heat')
messaging.setup()
models.BASE.metadata.create_all(create_engine(CONF.database.connection))
template._get_template_extension_manager()
engine = service.EngineService('oracle', api.ENGINE_TOPIC)
engine.start()
application = config.load_paste_app('heat-api')
