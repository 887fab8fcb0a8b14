/** Where images are pushed to and pulled from. */

/** `HOST[:PORT][/PREFIX]` in its parts. */
export interface Place {
  /** `HOST[:PORT]` */
  readonly host: string
  /** Empty without one. */
  readonly prefix: string
}

/** The parts of a text whose form was checked when the document was read. */
export function placeOf(text: string): Place {
  const slash = text.indexOf('/')
  return slash < 0 ? { host: text, prefix: '' } : { host: text.slice(0, slash), prefix: text.slice(slash + 1) }
}

/** Repository of an image in the registry. */
export const repositoryOf = ({ prefix }: Place, image: string): string => (prefix === '' ? image : `${prefix}/${image}`)

/** The tag of a reference. */
export const tagOf = (reference: string): string => reference.slice(reference.lastIndexOf(':') + 1)

/** `croque.local/nova:TAG` as it is called in a registry. */
export function referenceIn(registry: string, image: { readonly name: string; readonly reference: string }): string {
  return `${registry}/${image.name}:${tagOf(image.reference)}`
}
