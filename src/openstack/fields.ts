/** Reads JSON answers into typed values at the edge; nothing behind it checks again. */
import { CroqueError } from '../errors/index.ts'

export class Fields {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #where: string

  /** `where` names the call for the error message. Throws `openstack-bad-answer` when `value` is no object. */
  constructor(value: unknown, where: string) {
    if (!isRecord(value)) throw badAnswer(where, 'an object', value)
    this.#values = value
    this.#where = where
  }

  text(name: string): string {
    const value = this.#values[name]
    if (typeof value !== 'string') throw badAnswer(`${this.#where}.${name}`, 'a text', value)
    return value
  }

  /** The text, or undefined when the field is absent, null or empty. */
  optionalText(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  number(name: string): number {
    const value = this.#values[name]
    if (typeof value !== 'number') throw badAnswer(`${this.#where}.${name}`, 'a number', value)
    return value
  }

  /** The number, or undefined when the field is absent or null. */
  optionalNumber(name: string): number | undefined {
    const value = this.#values[name]
    return typeof value === 'number' ? value : undefined
  }

  /** True only for `true`; absent and null are false. */
  flag(name: string): boolean {
    return this.#values[name] === true
  }

  /** A nested object; an absent one reads as empty. */
  object(name: string): Fields {
    return new Fields(this.#values[name] ?? {}, `${this.#where}.${name}`)
  }

  isObject(name: string): boolean {
    return isRecord(this.#values[name])
  }

  /** A nested list; an absent one reads as empty. */
  list<T>(name: string, parse: (item: Fields) => T): readonly T[] {
    return this.items(name).map((item, index) => parse(new Fields(item, `${this.#where}.${name}[${index}]`)))
  }

  /** A nested list of texts; an absent one reads as empty. */
  texts(name: string): readonly string[] {
    return this.items(name).filter((item) => typeof item === 'string')
  }

  /** The fields that hold texts. */
  textMap(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.#values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
  }

  /** The fields that hold numbers. */
  numberMap(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      Object.entries(this.#values).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    )
  }

  names(): readonly string[] {
    return Object.keys(this.#values)
  }

  private items(name: string): readonly unknown[] {
    const value = this.#values[name] ?? []
    if (!Array.isArray(value)) throw badAnswer(`${this.#where}.${name}`, 'a list', value)
    return value
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badAnswer(where: string, expected: string, value: unknown): CroqueError {
  const got = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
  return new CroqueError('openstack-bad-answer', { what: `${where} should be ${expected}, but is ${got}` })
}
