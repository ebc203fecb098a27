import { defineSetting, type ValuesOf } from '../platform/config/setting.ts';

/** Everything that whoever runs the hub may decide before it starts. */
export const HUB_SETTINGS = {
  data: defineSetting({
    flags: '--data <dir>',
    variable: 'KEYWAY_DATA',
    default: 'keyway-data',
    sentence: 'folder of everything that is kept: database, uploads, keys; made where it is missing',
    schema: (z) => z.string().min(1, 'name a folder'),
  }),
  database: defineSetting({
    flags: '--database <url>',
    variable: 'KEYWAY_DATABASE',
    default: undefined,
    sentence: 'postgres:// URL of a database server; without it an embedded database in the data folder',
    schema: (z) =>
      z
        .string()
        .regex(/^postgres(ql)?:\/\//u, 'must be a postgres:// URL')
        .optional(),
  }),
  host: defineSetting({
    flags: '--host <address>',
    variable: 'KEYWAY_HOST',
    default: '127.0.0.1',
    sentence: 'address to listen at; beyond loopback only with TLS',
    schema: (z) => z.string().regex(/^[\w.:%-]+$/u, 'must be an IP address or a host name'),
  }),
  port: defineSetting({
    flags: '--port <number>',
    variable: 'KEYWAY_PORT',
    default: '8443',
    sentence: 'port to listen at; 0 takes any that is free',
    schema: (z) =>
      z
        .string()
        .regex(/^\d{1,5}$/u, 'must be a number from 0 to 65535')
        .transform(Number)
        .refine((port) => port <= 65_535, 'must be a number from 0 to 65535'),
  }),
  tlsKey: defineSetting({
    flags: '--tls-key <file>',
    variable: 'KEYWAY_TLS_KEY',
    default: undefined,
    sentence: 'private key of the certificate (PEM)',
    schema: (z) => z.string().optional(),
  }),
  tlsCert: defineSetting({
    flags: '--tls-cert <file>',
    variable: 'KEYWAY_TLS_CERT',
    default: undefined,
    sentence: 'certificate, with those that vouch for it (PEM)',
    schema: (z) => z.string().optional(),
  }),
  behindTlsProxy: defineSetting({
    flags: '--behind-tls-proxy',
    variable: 'KEYWAY_BEHIND_TLS_PROXY',
    default: 'false',
    sentence: 'a proxy in front speaks TLS, so plain HTTP may be spoken beyond loopback',
    schema: (z) =>
      z.enum(['true', 'false', '1', '0'], 'must be true or false').transform((text) => text === 'true' || text === '1'),
  }),
  reserve: defineSetting({
    flags: '--reserve <mebibytes>',
    variable: 'KEYWAY_RESERVE',
    default: '64',
    sentence:
      'room on the disk of the embedded database that is kept so that sign-ins and the record of who did what still fit when it is full',
    schema: (z) =>
      z
        .string()
        .regex(/^\d{1,5}$/u, 'must be a number of MiB from 0 to 99999')
        .transform((text) => Number(text) * 1_048_576),
  }),
  logLevel: defineSetting({
    flags: '--log-level <level>',
    variable: 'KEYWAY_LOG_LEVEL',
    default: 'info',
    sentence: 'least weight of what is logged: debug, info, warn, error or silent',
    schema: (z) => z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent'),
  }),
} as const;

/** Those that say where the database is. */
export const DATABASE_SETTINGS = { data: HUB_SETTINGS.data, database: HUB_SETTINGS.database };

/** The demo is for this machine alone: it takes any port that is free and listens nowhere else. */
export const DEMO_SETTINGS = {
  data: {
    ...HUB_SETTINGS.data,
    sentence: 'folder for the demo to keep; without it everything goes when the demo ends',
  },
  port: { ...HUB_SETTINGS.port, default: '0' },
  logLevel: { ...HUB_SETTINGS.logLevel, default: 'error' },
};

export type HubValues = ValuesOf<typeof HUB_SETTINGS>;
