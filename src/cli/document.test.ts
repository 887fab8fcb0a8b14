import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CroqueEvent } from '../engine/index.ts'
import { keepDocument, loadDocument, presentDocument } from './document.ts'

const document = (name: string, region: string): string =>
  `apiVersion: croque.dev/v1alpha1\nkind: Cloud\nmetadata: {name: ${name}}\nspec: {region: ${region}}\n`

let stateDir: string
let events: CroqueEvent[]

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'croque-document-'))
  events = []
})
afterEach(async () => await rm(stateDir, { recursive: true }))

const context = (options: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) => ({
  stateDir,
  env,
  cwd: stateDir,
  emit: (event: CroqueEvent) => void events.push(event),
  options: {
    flag: () => false,
    value: (name: string) => options[name],
    values: () => [],
    number: () => undefined,
  },
})
const cloudOf = ({ cloud }: Awaited<ReturnType<typeof loadDocument>>) => [cloud.metadata.name, cloud.spec.region]

describe('a cloud that is here', () => {
  test('has the document of its last up', async () => {
    await keepDocument(join(stateDir, 'team'), document('team', 'Paris'))
    expect(cloudOf(await presentDocument(context()))).toEqual(['team', 'Paris'])
    expect(cloudOf(await presentDocument(context({ name: 'team' })))).toEqual(['team', 'Paris'])
    expect(cloudOf(await presentDocument(context({}, { CROQUE_CLOUD: 'team' })))).toEqual(['team', 'Paris'])
  })

  test('has the default one again after an up without one', async () => {
    await keepDocument(join(stateDir, 'cloud'), document('cloud', 'Paris'))
    await keepDocument(join(stateDir, 'cloud'), undefined)
    expect(cloudOf(await presentDocument(context()))).toEqual(['cloud', 'RegionOne'])
  })

  test('gives way to a document that is given', async () => {
    await keepDocument(join(stateDir, 'team'), document('team', 'Paris'))
    await writeFile(join(stateDir, 'other.yaml'), document('other', 'Rome'))
    expect(cloudOf(await presentDocument(context({ file: 'other.yaml' })))).toEqual(['other', 'Rome'])
  })

  test('must be named among several', async () => {
    for (const name of ['one', 'two']) await mkdir(join(stateDir, name))
    await expect(presentDocument(context())).rejects.toMatchObject({
      code: 'argument-invalid',
      message: 'There are 2 clouds on this machine: one, two',
    })
    expect(cloudOf(await presentDocument(context({ name: 'two' })))).toEqual(['two', 'RegionOne'])
  })

  test('is not lost with a document that no longer loads', async () => {
    await keepDocument(join(stateDir, 'team'), 'nonsense')
    expect(cloudOf(await presentDocument(context()))).toEqual(['team', 'RegionOne'])
    expect(events).toMatchObject([{ type: 'notice', level: 'warning' }])
  })

  test('is none of what makes clouds: that takes the default document', async () => {
    await keepDocument(join(stateDir, 'cloud'), document('cloud', 'Paris'))
    expect(cloudOf(await loadDocument(context()))).toEqual(['cloud', 'RegionOne'])
  })
})

test('a name that no cloud can have is a problem of the document', async () => {
  await expect(presentDocument(context({ name: 'A b' }))).rejects.toMatchObject({ code: 'document-invalid' })
  expect(events).toMatchObject([{ type: 'diagnostic', path: 'metadata.name' }])
})
