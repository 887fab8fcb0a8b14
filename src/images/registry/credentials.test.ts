import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { challengesOf } from './challenge.ts'
import { findCredentials } from './credentials.ts'
import { placeOf } from './place.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'croque-auth-'))
})
afterEach(async () => await rm(home, { recursive: true }))

const entry = (user: string, password = 'p') => ({ auth: Buffer.from(`${user}:${password}`).toString('base64') })

async function file(path: string, auths: unknown): Promise<string> {
  await mkdir(join(home, path, '..'), { recursive: true })
  await writeFile(join(home, path), typeof auths === 'string' ? auths : JSON.stringify({ auths }))
  return join(home, path)
}

const userFor = async (place: string, env: Readonly<Record<string, string>> = { HOME: home }) =>
  (await findCredentials(placeOf(place), env))?.username

test.each([
  ['the host', 'r.example.org', 'host'],
  ['the nearest namespace', 'r.example.org/team/cloud', 'team'],
  ['no namespace that only begins alike', 'r.example.org/teams', 'host'],
  ['a URL that docker once wrote', 'old.example.org', 'old'],
  ['no other port', 'r.example.org:5000', undefined],
])('the entry of %s', async (_case, place, user) => {
  await file('.docker/config.json', {
    'r.example.org': entry('host'),
    'r.example.org/team': entry('team'),
    'https://old.example.org/v1/': entry('old'),
  })
  expect(await userFor(place)).toBe(user)
})

test('the files in their order, and on to the next one when a file does not know the place', async () => {
  const explicit = await file('mine.json', { 'a.org': entry('explicit') })
  await file('run/containers/auth.json', { 'a.org': entry('run'), 'b.org': entry('run') })
  await file('.docker/config.json', { 'b.org': entry('home'), 'c.org': entry('home', 'with:colons') })
  const env = { REGISTRY_AUTH_FILE: explicit, XDG_RUNTIME_DIR: join(home, 'run'), HOME: home }
  expect(await Promise.all(['a.org', 'b.org', 'c.org'].map(async (place) => await userFor(place, env)))).toEqual([
    'explicit',
    'run',
    'home',
  ])
  expect(await findCredentials(placeOf('c.org'), env)).toEqual({ username: 'home', password: 'with:colons' })
})

test('what a Secret holds stands in for all files', async () => {
  await file('.docker/config.json', { 'a.org': entry('home'), 'b.org': entry('home') })
  const given = { from: 'the Secret ours/registry', text: JSON.stringify({ auths: { 'a.org': entry('given') } }) }
  const found = async (place: string) => await findCredentials(placeOf(place), { HOME: home }, given)
  expect([await found('a.org'), await found('b.org')]).toEqual([{ username: 'given', password: 'p' }, undefined])
  const broken = findCredentials(placeOf('a.org'), {}, { ...given, text: '{"auths": s3cret' })
  await expect(broken).rejects.toThrow(expect.objectContaining({ message: expect.not.stringContaining('s3cret') }))
})

test('no file, no entry and an entry that a helper keeps are no credentials', async () => {
  expect(await userFor('a.org', {})).toBeUndefined()
  expect(await userFor('a.org')).toBeUndefined()
  await file('.docker/config.json', { 'a.org': {} })
  expect(await userFor('a.org')).toBeUndefined()
})

test.each([
  ['no JSON', '{"auths": s3cret'],
  ['no user and password', { 'a.org': { auth: Buffer.from('s3cret').toString('base64') } }],
])('a file with %s is refused without telling what stands in it', async (_case, content) => {
  await file('.docker/config.json', content)
  const error: unknown = await userFor('a.org').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'registry-auth-unreadable' })
  expect(JSON.stringify(error)).not.toMatch(/s3cret|czNjcmV0/)
})

test('a header may hold several challenges, with commas in quotes', () => {
  expect(
    challengesOf('Basic realm="a, b", Bearer realm="https://t/token",service=r.org,scope="repository:a:pull,push"'),
  ).toEqual([
    { scheme: 'basic', parameters: { realm: 'a, b' } },
    {
      scheme: 'bearer',
      parameters: { realm: 'https://t/token', service: 'r.org', scope: 'repository:a:pull,push' },
    },
  ])
  expect(challengesOf('')).toEqual([])
})
