import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ApiError } from '../route.ts'
import { pageArguments, pageArgumentTypes, readArguments } from './arguments.ts'
import { refusal } from './fixture.ts'
import { type PageOf, pageOf } from './page.ts'

interface Thing {
  readonly id: string
  readonly size: number | null
}

const of = (items: readonly Thing[]): PageOf<Thing> => ({
  items,
  columns: { size: (item) => item.size },
  idOf: (item) => item.id,
  unknownMarker: (marker) => new ApiError(404, `Thing ${marker} could not be found.`),
  resource: 'things',
  baseUrl: 'https://cloud/api',
})
const things = [3, null, 1, 3, 2].map((size, at) => ({ id: `t${at}`, size }))
const ids = (page: { readonly items: readonly Thing[] }): string => page.items.map(({ id }) => id).join(' ')
const ordinary = { limit: 10, sortKey: 'id', sortDir: 'asc' } as const

describe('pages', () => {
  test.each([
    ['as they were made', ordinary, 't0 t1 t2 t3 t4'],
    ['newest first', { ...ordinary, sortDir: 'desc' } as const, 't4 t3 t2 t1 t0'],
    ['by size, nothing first, then as made', { ...ordinary, sortKey: 'size' }, 't1 t2 t4 t0 t3'],
    [
      'by size downwards, newest first among equals',
      { ...ordinary, sortKey: 'size', sortDir: 'desc' } as const,
      't3 t0 t4 t2 t1',
    ],
    ['after a marker', { ...ordinary, marker: 't2' }, 't3 t4'],
    ['after the last', { ...ordinary, marker: 't4' }, ''],
  ])('%s', (_name, page, order) => {
    expect(ids(pageOf(page, of(things)))).toBe(order)
  })

  test('the next link stands there whenever the page is full, also when nothing follows', () => {
    const next = 'https://cloud/api/v1/things?sort_key=id&sort_dir=asc&limit='
    expect(pageOf({ ...ordinary, limit: 2 }, of(things)).next).toBe(`${next}2&marker=t1`)
    expect(pageOf({ ...ordinary, limit: 5 }, of(things)).next).toBe(`${next}5&marker=t4`)
    expect(pageOf({ ...ordinary, limit: 6 }, of(things)).next).toBeUndefined()
    expect(pageOf(ordinary, of([])).next).toBeUndefined()
  })

  test('following next sees everything once, in the order of one page', () => {
    const drawn = fc.array(fc.option(fc.integer({ min: 0, max: 3 })), { maxLength: 20 })
    const order = fc.record({ sortKey: fc.constantFrom('id', 'size'), sortDir: fc.constantFrom('asc', 'desc') })
    fc.assert(
      fc.property(drawn, order, fc.integer({ min: 1, max: 7 }), (sizes, sorting, limit) => {
        const all = of(sizes.map((size, at) => ({ id: `t${at}`, size })))
        const seen: Thing[] = []
        let marker: string | undefined
        do {
          const { items, next } = pageOf({ ...sorting, limit, ...(marker === undefined ? {} : { marker }) }, all)
          seen.push(...items)
          marker = next === undefined ? undefined : (new URL(next).searchParams.get('marker') ?? undefined)
        } while (marker !== undefined)
        expect(seen).toEqual(pageOf({ ...sorting, limit: 1000 }, all).items)
      }),
    )
  })

  test.each([
    ['a bad key', { ...ordinary, sortKey: 'zzz' }, '400 The sort_key value "zzz" is an invalid field for sorting'],
    [
      'a name of JavaScript',
      { ...ordinary, sortKey: 'constructor' },
      '400 The sort_key value "constructor" is an invalid field for sorting',
    ],
    ['an unknown marker', { ...ordinary, marker: 'x' }, '404 Thing x could not be found.'],
  ])('refused: %s', (_name, page, text) => {
    expect(refusal(() => pageOf(page, of(things)))).toBe(text)
  })
})

// Texts seen on Magnum 22.0.0.
describe('arguments', () => {
  const read = (query: string): unknown =>
    pageArguments(readArguments(new URLSearchParams(query), pageArgumentTypes), 1000)
  const invalid = (name: string, value: string, type: string, why: string): string =>
    `400 Invalid input for field/attribute ${name}. Value: '${value}'. unable to convert to ${type}. Error: ${why}`
  const marker = '5d12f6fd-a196-4bf0-ae4c-1f639a523a52'

  test.each<[string, unknown]>([
    ['', { ...ordinary, limit: 1000 }],
    ['sort_key=', { limit: 1000, sortKey: 'id', sortDir: 'asc' }],
    ['limit=5&sort_dir=desc&sort_key=name', { limit: 5, sortKey: 'name', sortDir: 'desc' }],
    ['limit=5000', { ...ordinary, limit: 1000 }],
    [`marker=${marker}`, { ...ordinary, limit: 1000, marker }],
  ])('%s', (query, page) => {
    expect(read(query)).toEqual(page)
  })

  test.each([
    ['foo=1', '400 Unknown argument: "foo"'],
    ['foo', '400 Unknown argument: "foo"'],
    ['constructor=1', '400 Unknown argument: "constructor"'],
    ['limit=0', '400 Limit must be positive'],
    ['limit=-1', '400 Limit must be positive'],
    ['limit=abc', invalid('limit', 'abc', 'int', "invalid literal for int() with base 10: 'abc'")],
    ['limit=', invalid('limit', '', 'int', "invalid literal for int() with base 10: ''")],
    [
      'limit=1&limit=2',
      invalid(
        'limit',
        "['1', '2']",
        'int',
        "int() argument must be a string, a bytes-like object or a real number, not 'list'",
      ),
    ],
    ['marker=abc', invalid('marker', 'abc', 'uuid', 'Expected a uuid but received abc.')],
    ['marker=', invalid('marker', '', 'uuid', 'Expected a uuid but received .')],
    ['sort_dir=up', "400 Invalid sort direction: up. Acceptable values are 'asc' or 'desc'"],
  ])('refused: %s', (query, text) => {
    expect(refusal(() => read(query))).toBe(text)
  })
})
