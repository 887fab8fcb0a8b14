/** What the actions of `cluster` make of the words of their command line. Pure. */
import { CroqueError } from '../../errors/index.ts'

/** An `argument-invalid`, before anything was asked for. */
export const wrong = (what: string, next?: string): CroqueError =>
  new CroqueError('argument-invalid', { what, ...(next === undefined ? {} : { next }) })

export function oneName(action: string, given: readonly string[]): string {
  const [name, ...rest] = given
  if (name !== undefined && rest.length === 0) return name
  throw wrong(`\`./croque cluster ${action}\` takes one cluster`, 'By its name, or its id.')
}

export function wholeNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw wrong(`The number of nodes is a whole one, not ${JSON.stringify(text)}`)
}

/** `key=value`, and several of them with commas between, as the openstack client takes them. */
export function labelsOf(given: readonly string[]): Readonly<Record<string, string>> {
  const pairs = given.flatMap((each) => each.split(/,(?=[^,=]+=)/))
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
      throw wrong(`A label is written as key=value, not ${JSON.stringify(pair)}`)
    }),
  )
}
