import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { configSections, loadConfig } from './config.ts'

const problems = (text: string, env = {}): string => {
  try {
    loadConfig(text, env)
  } catch (error) {
    return (error as { why?: string }).why ?? String(error)
  }
  return 'none'
}

describe('the configuration', () => {
  test('of an empty file is whole', () => {
    expect(loadConfig('', {})).toMatchObject({
      api: { host: '127.0.0.1', port: 9511, max_limit: 1000 },
      keystone_authtoken: { username: 'magnum', project_name: 'service' },
      drivers: { enabled: [] },
    })
  })

  test('takes JSON, and URLs without a slash at their ends', () => {
    const text = JSON.stringify({ keystone_authtoken: { auth_url: 'https://cloud.example.org/identity/' } })
    expect(loadConfig(text, {}).keystone_authtoken.auth_url).toBe('https://cloud.example.org/identity')
  })

  test.each<[string, Record<string, string>, object]>([
    ['a number', { OS_API__PORT: '8080' }, { api: { port: 8080 } }],
    [
      'a password that looks like a number',
      { OS_KEYSTONE_AUTHTOKEN__PASSWORD: '0123' },
      { keystone_authtoken: { password: '0123' } },
    ],
    ['a list', { OS_DRIVERS__ENABLED: '[heat]' }, { drivers: { enabled: ['heat'] } }],
    ['a boolean', { OS_OSLO_POLICY__ENFORCE_SCOPE: 'false' }, { oslo_policy: { enforce_scope: false } }],
    ['nothing that is for others', { OS_PASSWORD: 'x', OS_API_PORT: '1' }, { api: { port: 1 } }],
  ])('takes %s from the environment, before the file', (_case, env, expected) => {
    expect(loadConfig('api: {port: 1}', env)).toMatchObject(expected)
  })

  test.each([
    ['an unknown section', 'apis: {}', /^apis: there is no such section; did you mean api\?$/],
    ['an unknown option', 'api: {prot: 1}', /^api\.prot: there is no such option; did you mean port\?$/],
    ['a value of the wrong kind', 'api: {port: many}', /^api\.port: /],
    ['a section that is none', 'api: 3', /^api: /],
    ['a list', '[]', /mapping of sections/],
    ['what is no YAML', 'api: {', /./],
    ['half a pair', 'api: {tls_cert_file: /a}', /tls_cert_file and tls_key_file go together/],
    ['a bus without brokers', 'notifications: {driver: messagingv2}', /a driver needs hosts/],
  ])('%s is refused with its place', (_case, text, expected) => {
    expect(problems(text)).toMatch(expected)
  })

  test('all problems are told at once', () => {
    expect(problems('api: {port: -1, max_limit: 0}').split('\n')).toHaveLength(2)
  })
})

/** The document's checks read these lists, and must know each option; `node scripts/magnum-options.ts` writes them anew. */
test.each(['2025.1', '2026.1'])('the option list of %s is that of the schema', async (release) => {
  const lists = Object.fromEntries(
    Object.entries(configSections()).map(([section, options]) => [section, options.map(({ name }) => name).sort()]),
  )
  const file = new URL(`../../oslo/options/${release}/magnum.json`, import.meta.url)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(lists)
})

test('every option says what it is', () => {
  const silent = Object.values(configSections()).flatMap((options) =>
    options.filter(({ description }) => description === ''),
  )
  expect(silent).toEqual([])
})
