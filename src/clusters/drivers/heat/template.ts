/** The language of Heat's templates (HOT), as far as it is spoken here. */

/** What is asked of Heat; `files` are the templates that others name. */
export interface StackBody {
  readonly template: Template
  /** Not in the template, which whoever may look at stacks is shown: what the nodes are given, by group and index. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly files: Readonly<Record<string, string>>
}

export interface Template {
  readonly heat_template_version: string
  readonly description?: string
  readonly parameters?: Readonly<Record<string, object>>
  readonly resources: Readonly<Record<string, Resource>>
  readonly outputs?: Readonly<Record<string, { readonly description?: string; readonly value: unknown }>>
}

export interface Resource {
  readonly type: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly depends_on?: readonly string[]
}

export const version = '2021-04-16'
export const get = (name: string): object => ({ get_resource: name })
export const param = (name: string): object => ({ get_param: name })
export const attr = (...path: readonly (string | number)[]): object => ({ get_attr: path })
