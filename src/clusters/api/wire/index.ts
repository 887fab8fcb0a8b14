/** How Magnum's API looks on the wire: field tables, JSON patch, pages, addresses, links, versions and the words of its refusals. */

export { acceptsJson, prefersJson } from './accept.ts'
export { type Addressed, addressed } from './address.ts'
export {
  type Arguments,
  type ArgumentType,
  type ArgumentTypes,
  pageArguments,
  pageArgumentTypes,
  readArguments,
} from './arguments.ts'
export { type ErrorBody, errorBody, routerErrorBody, versionErrorBody } from './error-body.ts'
export {
  changedMeanwhile,
  conflict,
  invalidInput,
  invalidValue,
  missingArgument,
  notAuthorized,
  notFound,
  unknownArgument,
} from './failure.ts'
export {
  type Field,
  type FieldOptions,
  type FieldTable,
  type FieldType,
  field,
  inRange,
  type Values,
} from './field.ts'
export { type Link, linksTo } from './link.ts'
export { generatedName } from './name.ts'
export { type Columns, type Page, type PageArguments, type PageOf, pageOf, type Sortable } from './page.ts'
export { parseBody } from './parse.ts'
export { type PatchOperation, type PatchRules, parsePatch, patched } from './patch.ts'
export { pythonText } from './python.ts'
export { render, shownMoment } from './render.ts'
export { answerSchema, listSchema, patchSchema, querySchema, requestSchema } from './schema.ts'
export {
  boolean,
  dictionary,
  dnsServers,
  integer,
  labels,
  links,
  list,
  moment,
  nested,
  oneOf,
  plainText,
  text,
  uuid,
} from './types.ts'
export { firstMinor, lastMinor, type Negotiated, negotiate } from './version.ts'
