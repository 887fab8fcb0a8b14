import {
  type BuildContext,
  component,
  configDir,
  type Declarations,
  type EnvValue,
  type ServiceDefinition,
  type ServiceParts,
  secretName,
} from '../model.ts'
import { text } from '../text.ts'
import { caFile, certFile, keyFile, onRenewal, withTls } from '../tls.ts'
import { images } from './images.ts'

const serverConf = (context: BuildContext) => ({
  mysqld: {
    user: 'mysql',
    'bind-address': '0.0.0.0',
    port: 3306,
    socket: '/run/mysqld/mysqld.sock',
    'pid-file': '/run/mysqld/mysqld.pid',
    'skip-name-resolve': 1,
    'skip-log-bin': 1,
    innodb_buffer_pool_size: '192M',
    innodb_flush_method: 'fsync',
    innodb_flush_log_at_trx_commit: 2,
    performance_schema: 'OFF',
    max_connections: 400,
    'character-set-server': 'utf8mb3',
    'collation-server': 'utf8mb3_general_ci',
    table_definition_cache: 1000,
    ...withTls(context, {
      'ssl-ca': caFile,
      'ssl-cert': certFile,
      'ssl-key': keyFile,
      require_secure_transport: 'ON',
    }),
  },
})

const clientConf = ({ internalTls }: BuildContext) => ({
  client: { host: 'mariadb-server', user: 'croque', ...(internalTls ? { 'ssl-ca': caFile } : { 'skip-ssl': 1 }) },
})

/** Environment variable that carries the password of a database user. */
const passwordVariable = (user: string): string => `PASSWORD_${user.toUpperCase()}`

function databases(declared: BuildContext['declared']): { sql: string; env: Record<string, EnvValue> } {
  const wanted = declared.flatMap(({ service, declarations }) =>
    (declarations.databases ?? []).map((database) => ({ service, ...database })),
  )
  const userLines = [...new Map(wanted.map((database) => [database.user, database])).values()].flatMap(({ user }) => [
    `CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '\${${passwordVariable(user)}}';`,
    `ALTER USER '${user}'@'%' IDENTIFIED BY '\${${passwordVariable(user)}}';`,
  ])
  const lines = wanted.flatMap(({ name, user }) => [
    `CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci;`,
    `GRANT ALL PRIVILEGES ON \`${name}\`.* TO '${user}'@'%';`,
  ])
  const env = Object.fromEntries(
    wanted.map(({ service, user, passwordKey }) => [
      passwordVariable(user),
      { secret: secretName(service), key: passwordKey },
    ]),
  )
  return { sql: `${[...userLines, ...lines].join('\n')}\n`, env }
}

const adminEnv = { ADMIN_PASSWORD: { secret: secretName('mariadb'), key: 'admin-password' } } as const

function build(context: BuildContext): ServiceParts {
  const { sql, env } = databases(context.declared)
  return {
    components: [
      {
        name: 'server',
        kind: 'statefulset',
        summary: 'the database of all services',
        image: 'mariadb',
        command: ['sh', `${configDir}/start.sh`],
        user: 'mysql',
        placement: ['control'],
        replicas: 1,
        priority: 'infrastructure',
        ports: [{ name: 'mysql', port: 3306 }],
        files: {
          [`${configDir}/croque.cnf`]: { ini: serverConf(context) },
          ...onRenewal,
          [`${configDir}/start.sh`]: { text: text(import.meta.url, './start.sh') },
        },
        env: adminEnv,
        volumes: [
          { kind: 'claim', name: 'data', mountPath: '/var/lib/mysql', size: '10Gi' },
          { kind: 'empty', name: 'run', mountPath: '/run/mysqld', memory: true },
        ],
        needs: [],
        resources: { cpu: '100m', memory: '400Mi' },
        probes: { ready: { tcp: 3306 }, periodSeconds: 2 },
        graceSeconds: 60,
      },
    ],
    tasks: [
      {
        name: 'databases',
        summary: 'databases and users of the services',
        image: 'mariadb',
        command: ['sh', `${configDir}/databases.sh`],
        user: 'mysql',
        placement: ['control'],
        files: {
          [`${configDir}/databases.sh`]: { text: text(import.meta.url, './databases.sh') },
          [`${configDir}/client.cnf`]: { ini: clientConf(context) },
          [`${configDir}/databases.sql`]: { text: sql },
        },
        env: { ...adminEnv, ...env },
        needs: [component('mariadb/server')],
        resources: { cpu: '50m', memory: '64Mi' },
      },
    ],
  }
}

const declares = (): Declarations => ({
  secrets: { [secretName('mariadb')]: { keys: { 'admin-password': { kind: 'password', length: 32 } } } },
})

export const mariadb: ServiceDefinition = {
  name: 'mariadb',
  summary: 'MariaDB, the database of all services',
  optionLists: {},
  images,
  declares,
  build,
}
