import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { cloudsYaml, openrc } from './credentials.ts'

const given = {
  authUrl: 'https://cloud.croque.local:8443/identity/v3',
  username: 'admin',
  password: `it's "$HOME" \`x\``,
  project: 'admin',
  region: 'RegionOne',
  caFile: '/tmp/ca.crt',
}

it('openrc quotes what a shell would read', () => {
  expect(openrc(given)).toBe(`# Holds a password: keep it in a file that only you can read (chmod 600).
export OS_AUTH_URL='https://cloud.croque.local:8443/identity/v3'
export OS_USERNAME='admin'
export OS_PASSWORD='it'\\''s "$HOME" \`x\`'
export OS_PROJECT_NAME='admin'
export OS_USER_DOMAIN_NAME='Default'
export OS_PROJECT_DOMAIN_NAME='Default'
export OS_REGION_NAME='RegionOne'
export OS_IDENTITY_API_VERSION='3'
export OS_INTERFACE='public'
export OS_CACERT='/tmp/ca.crt'
`)
})

it('clouds.yaml is read back as it was meant', () => {
  expect(parse(cloudsYaml('croque', given))).toEqual({
    clouds: {
      croque: {
        auth: {
          auth_url: given.authUrl,
          username: 'admin',
          password: given.password,
          project_name: 'admin',
          user_domain_name: 'Default',
          project_domain_name: 'Default',
        },
        region_name: 'RegionOne',
        identity_api_version: 3,
        interface: 'public',
        cacert: '/tmp/ca.crt',
      },
    },
  })
})
