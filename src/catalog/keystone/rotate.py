#!/usr/bin/env python3
"""Rotates Fernet keys in a Kubernetes Secret, as `keystone-manage fernet_rotate` does on disk.

Key 0 is the staged one: it becomes the new primary (highest number), a fresh key is staged as 0. Keys above the
allowed number are dropped from the oldest; the number is chosen so that no token that is still valid loses its key.
The staged key has been on every node since the last rotation, so no node ever meets a token of a key that it lacks.
"""
import base64
import json
import os
import ssl
import time
import urllib.request

ACCOUNT = os.environ.get('ACCOUNT', '/var/run/secrets/croque')
SERVER = os.environ.get('SERVER') or 'https://{KUBERNETES_SERVICE_HOST}:{KUBERNETES_SERVICE_PORT}'.format(**os.environ)
KEEP = int(os.environ['MAX_ACTIVE_KEYS'])
URL = SERVER + '/api/v1/namespaces/{POD_NAMESPACE}/secrets/{SECRET_NAME}'.format(**os.environ)


def call(method, body=None):
    with open(ACCOUNT + '/token') as file:
        headers = {'Authorization': 'Bearer ' + file.read(), 'Content-Type': 'application/json'}
    request = urllib.request.Request(URL, data=None if body is None else json.dumps(body).encode(), headers=headers, method=method)
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=ACCOUNT + '/ca.crt'), timeout=30) as answer:
        return json.load(answer)


def rotate(keys):
    primary = max(keys)
    keys[primary + 1] = keys[0]
    keys[0] = base64.b64encode(base64.urlsafe_b64encode(os.urandom(32))).decode()
    aged = sorted(key for key in keys if key != 0)
    for key in aged[:max(0, len(keys) - KEEP)]:
        del keys[key]
    return keys


secret = call('GET')
keys = rotate({int(name): value for name, value in secret['data'].items()})
# PUT with the resourceVersion that was read: of two rotations at once one gets a conflict and fails.
secret['data'] = {str(name): value for name, value in keys.items()}
call('PUT', secret)
print(json.dumps({'created': time.time(), 'levelname': 'INFO', 'name': 'rotate', 'message': 'keys now: %s' % sorted(keys)}))
