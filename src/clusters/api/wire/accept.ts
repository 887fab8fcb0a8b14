/** The Accept header, as far as it decides how an error looks. */

/** Whether JSON may be sent at all. */
export function acceptsJson(accept: string | undefined): boolean {
  return quality(accept, 'application', 'json') > 0
}

/**
 * Whether JSON is what the client likes best: only then do answers of Magnum's router (404, 405, 406) carry a title.
 * Text comes first among equals, so clients that take anything get none.
 */
export function prefersJson(accept: string | undefined): boolean {
  const json = quality(accept, 'application', 'json')
  return json > 0 && json > quality(accept, 'text', 'plain') && json > quality(accept, 'text', 'html')
}

/** Between 0 and 1: the most specific range counts. */
function quality(accept: string | undefined, type: string, subtype: string): number {
  if (accept === undefined || accept.trim() === '') return 1
  const ranges = accept.split(',', 50).map(range)
  const of = (name: string): number | undefined => ranges.find((candidate) => candidate.name === name)?.q
  return of(`${type}/${subtype}`) ?? of(`${type}/*`) ?? of('*/*') ?? 0
}

function range(text: string): { readonly name: string; readonly q: number } {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const q = parameters.find((parameter) => parameter.startsWith('q='))
  return { name, q: q === undefined ? 1 : Number(q.slice(2)) || 0 }
}
