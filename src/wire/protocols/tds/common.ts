import type { Mutable } from '../../../kit/mutable.ts';
import { defineOperations } from '../../dissector.ts';
import type { NtlmMessage } from '../../stack/ntlmssp.ts';

export interface Fields {
  readonly type: number;
  readonly version?: string;
  readonly encryption?: number;
  readonly host?: string;
  readonly user?: string;
  readonly application?: string;
  readonly server?: string;
  readonly library?: string;
  readonly database?: string;
  readonly passwordSent?: boolean;
  readonly ntlm?: NtlmMessage;
  readonly product?: string;
  readonly procedure?: number | string;
  readonly error?: number;
  readonly message?: string;
  readonly instance?: string;
  readonly instances?: readonly SqlInstance[];
}

export type Draft = Mutable<Fields>;

/** An instance as the browser service lists it. */
export interface SqlInstance {
  readonly server: string;
  readonly instance: string;
  readonly version: string;
  readonly port?: number;
}

export const OPERATIONS = defineOperations({
  prelogin: ['agree on version and encryption', 'session'],
  login: ['log in', 'authenticate'],
  batch: ['SQL batch', 'unknown'],
  call: ['call procedure', 'unknown'],
  bulkLoad: ['bulk load', 'write'],
  attention: ['cancel', 'session'],
  transaction: ['manage transaction', 'session'],
  answer: ['answer', 'unknown'],
  encrypted: ['encrypted message', 'unknown'],
  browse: ['list instances', 'discover'],
});
