"""
Magnum's API and its conductor in one process, without a message queue: oslo.messaging's in-memory transport joins them. What the API
only casts is waited for (and its failure swallowed, as a cast's is), so that the same requests give the same answers every time.
"""
import fcntl
import itertools
import os
import sqlite3
import threading
import time
import types

import oslo_messaging
from magnum.api import app
from magnum.common import context as magnum_context
from magnum.common import keystone, rpc, rpc_service, service, short_id
from magnum.common.x509 import operations
from magnum.conductor.handlers import (
    ca_conductor,
    cluster_conductor,
    conductor_listener,
    credential_conductor,
    federation_conductor,
    indirection_api,
    nodegroup_conductor,
)
import magnum.conf
from magnum.db.sqlalchemy import models
from magnum.objects import base as objects_base
from magnum.servicegroup import magnum_service_periodic
from sqlalchemy import create_engine

CONF = magnum.conf.CONF


def cast(self, method, *args, **kwargs):
    try:
        self._client.call(self._context, method, *args, **kwargs)
    except Exception:
        pass


def without_logins():
    """
    Leaves out what takes nearly all the time of a request and shows in no answer: a login at Keystone for every policy check, to learn
    the id of the domain of trustees that stands in the configuration.
    """
    if hasattr(CONF, 'trust'):
        keystone.KeystoneClientV3.trustee_domain_id = property(lambda self: CONF.trust.trustee_domain_id)


def hurry():
    """The same, and making new RSA keys for every cluster."""
    without_logins()
    made = operations.rsa.generate_private_key
    keys = [made(public_exponent=65537, key_size=CONF.x509.rsa_key_size) for _ in range(4)]
    turns = itertools.cycle(keys)
    operations.rsa = types.SimpleNamespace(
        RSAPrivateKey=operations.rsa.RSAPrivateKey, generate_private_key=lambda **_: next(turns))


def start_conductor():
    target = oslo_messaging.Target(topic=CONF.conductor.topic, server=short_id.generate_id())
    handlers = [
        indirection_api.Handler(),
        cluster_conductor.Handler(),
        conductor_listener.Handler(),
        credential_conductor.Handler(),
        ca_conductor.Handler(),
        federation_conductor.Handler(),
        nodegroup_conductor.Handler(),
    ]
    serializer = rpc.RequestContextSerializer(objects_base.MagnumObjectSerializer())
    server = oslo_messaging.get_rpc_server(rpc.TRANSPORT, target, handlers, executor='threading', serializer=serializer)
    server.start()
    return server


def report():
    tasks = magnum_service_periodic.MagnumServicePeriodicTasks(CONF, 'magnum-conductor')
    while True:
        tasks.update_magnum_service(magnum_context.make_admin_context())
        time.sleep(20)


class Between:
    """
    Statements on the database (`POST /.oracle/sql`), carried out between two requests: a write amidst another one would end that one
    with "database is locked". Requests come one by one for that, but where Magnum is measured.
    """

    def __init__(self, app, one_by_one):
        self.app = app
        self.lock = threading.Lock()
        self.one_by_one = one_by_one

    def __call__(self, environ, start_response):
        if environ['PATH_INFO'] == '/.oracle/sql':
            with self.lock:
                return self.change(environ, start_response)
        if not self.one_by_one:
            return self.app(environ, start_response)
        with self.lock:
            return list(self.app(environ, start_response))

    def change(self, environ, start_response):
        statements = environ['wsgi.input'].read(int(environ['CONTENT_LENGTH'])).decode()
        database = sqlite3.connect(CONF.database.connection.removeprefix('sqlite:///').partition('?')[0], timeout=60)
        try:
            database.executescript(statements)
        finally:
            database.close()
        start_response('204 No Content', [])
        return []


service.prepare_service(['magnum', '--config-file', os.environ['MAGNUM_CONF']])
with open(os.environ['MAGNUM_CONF']) as one_at_a_time:
    fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
    models.Base.metadata.create_all(create_engine(CONF.database.connection))
rpc_service.API._cast = cast
if 'IN_A_HURRY' in os.environ:
    hurry()
elif 'WITHOUT_LOGINS' in os.environ:
    without_logins()
conductor = start_conductor()
threading.Thread(target=report, daemon=True).start()
application = Between(app.load_app(), one_by_one='IN_A_HURRY' in os.environ)
