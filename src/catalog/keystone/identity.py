#!/usr/bin/env python3
"""Makes users, roles, services and endpoints in Keystone as declared in identity.json; writes only what differs.

Standard library only: importing an SDK costs more processor time than all the calls. Passwords come from the environment.
"""
import json
import os
import sys
import time
import urllib.error
import urllib.request

KEYSTONE = os.environ['KEYSTONE_URL']
TOKEN = None


def call(method, path, body=None, ok=(200, 201, 204)):
    headers = {'Content-Type': 'application/json', 'Accept': 'application/json'}
    if TOKEN:
        headers['X-Auth-Token'] = TOKEN
    data = None if body is None else json.dumps(body).encode()
    for attempt in range(30):
        request = urllib.request.Request(KEYSTONE + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                raw = answer.read()
                return answer.headers, json.loads(raw) if raw else None
        except urllib.error.HTTPError as error:
            if error.code in ok or (error.code == 409 and method in ('POST', 'PUT')):
                return error.headers, None
            if error.code not in (502, 503, 504):
                sys.exit('%s %s: %s %s' % (method, path, error.code, error.read().decode(errors='replace')[:500]))
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            say('keystone does not answer yet: %s' % error)
        time.sleep(1)
    sys.exit('keystone did not answer: %s %s' % (method, path))


def say(text):
    print(json.dumps({'created': time.time(), 'levelname': 'INFO', 'name': 'identity', 'message': text}), flush=True)


def login(user, password, project):
    auth = {'identity': {'methods': ['password'], 'password': {
        'user': {'name': user, 'domain': {'id': 'default'}, 'password': password}}},
        'scope': {'project': {'name': project, 'domain': {'id': 'default'}}}}
    headers, _ = call('POST', '/v3/auth/tokens', {'auth': auth})
    return headers['X-Subject-Token']


def can_login(user, password, domain):
    """Whether the password is already the user's: setting it again would revoke the tokens in use."""
    auth = {'auth': {'identity': {'methods': ['password'], 'password': {
        'user': {'name': user, 'domain': {'id': domain}, 'password': password}}}}}
    request = urllib.request.Request(KEYSTONE + '/v3/auth/tokens', data=json.dumps(auth).encode(),
                                     headers={'Content-Type': 'application/json'}, method='POST')
    try:
        with urllib.request.urlopen(request, timeout=60):
            return True
    except urllib.error.HTTPError:
        return False


def by_name(path, key):
    _, body = call('GET', path)
    return {item['name']: item for item in body[key]}


def ensure_user(users, name, password, domain, **more):
    if name not in users:
        users[name] = call('POST', '/v3/users', {'user': {
            'name': name, 'password': password, 'domain_id': domain, **more}})[1]['user']
    elif not can_login(name, password, domain):
        call('PATCH', '/v3/users/' + users[name]['id'], {'user': {'password': password}})
    return users[name]['id']


def ensure_domains(wanted, admin_role):
    """Domains of services for users that they make; the one user who may do so is the domain's administrator."""
    domains = by_name('/v3/domains', 'domains')
    for want in wanted:
        if want['name'] not in domains:
            domains[want['name']] = call('POST', '/v3/domains', {'domain': {
                'name': want['name'], 'description': 'Users that the service makes.'}})[1]['domain']
        domain = domains[want['name']]['id']
        users = by_name('/v3/users?domain_id=%s&name=%s' % (domain, want['admin']), 'users')
        user = ensure_user(users, want['admin'], os.environ[want['passwordVariable']], domain)
        call('PUT', '/v3/domains/%s/users/%s/roles/%s' % (domain, user, admin_role))


def main():
    global TOKEN
    with open(sys.argv[1]) as file:
        wanted = json.load(file)
    TOKEN = login('admin', os.environ['ADMIN_PASSWORD'], 'admin')
    roles = by_name('/v3/roles', 'roles')
    for name in wanted['roles']:
        if name not in roles:
            roles[name] = call('POST', '/v3/roles', {'role': {'name': name}})[1]['role']
    projects = by_name('/v3/projects', 'projects')
    if 'service' not in projects:
        projects['service'] = call('POST', '/v3/projects', {'project': {'name': 'service', 'domain_id': 'default'}})[1]['project']
    project = projects['service']['id']
    users = by_name('/v3/users?domain_id=default', 'users')
    for want in wanted['users']:
        name, password = want['name'], os.environ[want['passwordVariable']]
        user = ensure_user(users, name, password, 'default', default_project_id=project)
        own = '/v3/projects/%s/users/%s/roles' % (project, user)
        present = {item['name'] for item in call('GET', own)[1]['roles']}
        for role in want['roles']:
            if role not in present:
                call('PUT', '%s/%s' % (own, roles[role]['id']))
        # What an older version gave and nobody wants any more.
        for role in present - set(want['roles']):
            call('DELETE', '%s/%s' % (own, roles[role]['id']))
    ensure_domains(wanted['domains'], roles['admin']['id'])
    services = {item['type']: item for item in call('GET', '/v3/services')[1]['services']}
    endpoints = {(item['service_id'], item['interface'], item['region_id']): item
                 for item in call('GET', '/v3/endpoints')[1]['endpoints']}
    for want in wanted['endpoints']:
        service = services.get(want['type'])
        if service is None:
            service = call('POST', '/v3/services', {'service': {'name': want['service'], 'type': want['type']}})[1]['service']
            services[want['type']] = service
        for interface in ('internal', 'public'):
            url = want[interface]
            old = endpoints.get((service['id'], interface, wanted['region']))
            if old is None:
                call('POST', '/v3/endpoints', {'endpoint': {
                    'service_id': service['id'], 'interface': interface, 'url': url, 'region_id': wanted['region']}})
            elif old['url'] != url:
                call('PATCH', '/v3/endpoints/' + old['id'], {'endpoint': {'url': url}})
    say('%d users, %d services' % (len(wanted['users']), len(wanted['endpoints'])))


main()
