import type { Logger } from 'pino';
import type { Activity } from '../access/activity.ts';
import type { ToldSetting } from '../platform/config/read-settings.ts';
import type { Queries } from '../platform/store/store.ts';

/** What the hub was told, checked. */
export interface HubSettings {
  /** Folder of everything that is kept: the embedded database, what was uploaded, keys. */
  readonly data: string;
  /** A file or a `postgres://` URL. */
  readonly database: string;
  readonly host: string;
  readonly port: number;
  /** PEM; absent: plain HTTP, for loopback or behind a proxy that speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Folder of the built console; absent: only the API is served. */
  readonly pages?: string;
  /** Bytes of the embedded database's disk that are kept for the record of who did what; absent: none. */
  readonly reserve?: number;
  /** Makes these accounts where there is none: for made-up data on loopback alone. */
  readonly demo?: readonly DemoAccount[];
  /** Requests a minute that one address may send to a route; absent: what is enough for a person. */
  readonly perMinute?: number;
  /** All settings as they were said, for who asks. */
  readonly told?: readonly ToldSetting[];
  /** Of the program, for who asks. */
  readonly version: string;
}

export interface DemoAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  /** Of who also has a second factor, and so may administer. */
  readonly secondFactor?: {
    /** In base 32, for an app. */
    readonly secret: string;
    /** Each good once. */
    readonly codes: readonly string[];
  };
}

export interface Hub {
  readonly url: string;
  /** Makes the first administrator, while there is nobody; undefined once there is. */
  readonly firstRunCode: string | undefined;
  /** Ends what runs, then closes the database. */
  readonly stop: () => Promise<void>;
}

export type StartHub = (settings: HubSettings, log: Logger) => Promise<Hub>;

/** What the commands of the hub need of the program. */
export interface HubCommandParts {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the built console. */
  readonly pages: string;
  /** The program that builds it, where there is one. */
  readonly pagesBuilder: string;
  readonly startHub: StartHub;
  /** Writes into the record of who did what. */
  record(db: Queries, activity: Activity): Promise<void>;
}
