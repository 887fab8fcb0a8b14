/** Links as Magnum makes them. */

export interface Link {
  readonly href: string
  readonly rel: string
  readonly type?: string
}

/** `self` below /v1 and `bookmark` without it. `resource` is `clusters`, `id` what follows, possibly empty. */
export function linksTo(baseUrl: string, resource: string, id: string): readonly Link[] {
  return [
    { href: `${baseUrl}/v1/${resource}/${id}`, rel: 'self' },
    { href: `${baseUrl}/${resource}/${id}`, rel: 'bookmark' },
  ]
}
