import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { knownServices } from '../../src/render/index.ts'
import { cloudJsonSchema, loadCloud } from '../../src/spec/index.ts'

const folder = new URL('../../examples/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

test('there are examples', () => {
  expect(files).toContain('minimal.yaml')
})

test.each(files)('%s loads without a diagnostic', (file) => {
  const result = loadCloud(readFileSync(new URL(file, folder), 'utf8'), {
    file,
    knownServices,
  })
  expect(result).toMatchObject({ ok: true, warnings: [] })
})

test('the minimal example is the default', () => {
  const options = { file: 'minimal.yaml', knownServices }
  expect(loadCloud(readFileSync(new URL('minimal.yaml', folder), 'utf8'), options)).toEqual(
    loadCloud(undefined, options),
  )
})

test('the schema for editors names the services of the catalog and their files', () => {
  const text = JSON.stringify(cloudJsonSchema(knownServices('2026.1')))
  for (const { name, files } of knownServices('2026.1')) {
    for (const word of [name, ...Object.keys(files)]) expect(text).toContain(JSON.stringify(word))
  }
})
