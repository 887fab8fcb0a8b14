/** Texts that log other clients in. Both hold the password: they are printed only when a user asks, and kept in files of mode 0600. */

/** Who logs in, and into which project. */
export interface Login {
  /** Keystone's URL, with or without `/v3`. */
  readonly authUrl: string
  readonly username: string
  readonly password: string
  readonly project: string
  /** @default 'Default' */
  readonly userDomain?: string
  /** @default 'Default' */
  readonly projectDomain?: string
}

export interface ClientCredentials extends Login {
  readonly region: string
  /** Path of the CA's certificate on the machine where the client runs. */
  readonly caFile?: string
}

/** A file to be sourced by a POSIX shell. */
export function openrc(given: ClientCredentials): string {
  const variables = {
    OS_AUTH_URL: given.authUrl,
    OS_USERNAME: given.username,
    OS_PASSWORD: given.password,
    OS_PROJECT_NAME: given.project,
    OS_USER_DOMAIN_NAME: given.userDomain ?? 'Default',
    OS_PROJECT_DOMAIN_NAME: given.projectDomain ?? 'Default',
    OS_REGION_NAME: given.region,
    OS_IDENTITY_API_VERSION: '3',
    OS_INTERFACE: 'public',
    ...(given.caFile === undefined ? {} : { OS_CACERT: given.caFile }),
  }
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuoted(value)}`)
  return ['# Holds a password: keep it in a file that only you can read (chmod 600).', ...lines, ''].join('\n')
}

/** A `clouds.yaml` with one cloud of that name. */
export function cloudsYaml(cloud: string, given: ClientCredentials): string {
  const lines = [
    '# Holds a password: keep it in a file that only you can read (chmod 600).',
    'clouds:',
    `  ${yamlQuoted(cloud)}:`,
    '    auth:',
    `      auth_url: ${yamlQuoted(given.authUrl)}`,
    `      username: ${yamlQuoted(given.username)}`,
    `      password: ${yamlQuoted(given.password)}`,
    `      project_name: ${yamlQuoted(given.project)}`,
    `      user_domain_name: ${yamlQuoted(given.userDomain ?? 'Default')}`,
    `      project_domain_name: ${yamlQuoted(given.projectDomain ?? 'Default')}`,
    `    region_name: ${yamlQuoted(given.region)}`,
    '    identity_api_version: 3',
    '    interface: public',
    ...(given.caFile === undefined ? [] : [`    cacert: ${yamlQuoted(given.caFile)}`]),
  ]
  return `${lines.join('\n')}\n`
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** A JSON text is a YAML text too. */
const yamlQuoted = (text: string): string => JSON.stringify(text)
