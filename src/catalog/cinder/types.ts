/** The volume types of the document. */
import type { CatalogContext } from '../model.ts'

export interface WantedType {
  readonly name: string
  readonly backend: string
  readonly isPublic: boolean
  readonly specs: Readonly<Record<string, string>>
  readonly qos?: { readonly consumer: string; readonly specs: Readonly<Record<string, string>> }
}

export const typeName = ({ volumes }: CatalogContext, backend: string): string =>
  volumes.backends[backend]?.volumeType.name ?? backend

export const wantedTypes = (context: CatalogContext): readonly WantedType[] =>
  Object.entries(context.volumes.backends).map(([backend, { volumeType, qos }]) => ({
    name: typeName(context, backend),
    backend,
    isPublic: volumeType.public,
    specs: volumeType.extraSpecs,
    ...(qos === undefined ? {} : { qos }),
  }))
