import type { Mutable } from '../../../kit/mutable.ts';
import { type Carried, type Context, defineOperations, type Reading } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import type { NtlmMessage } from '../../stack/ntlmssp.ts';
import type { Charset } from '../../text.ts';

export interface Fields {
  readonly version?: number;
  readonly command?: number;
  readonly subcommand?: number;
  readonly messageId?: number | string;
  readonly treeId?: number;
  readonly sessionId?: number | string;
  readonly status?: number;
  readonly dialect?: number | string;
  readonly signing?: boolean;
  readonly systemTime?: number;
  readonly share?: string;
  readonly file?: string;
  readonly fileId?: string;
  readonly user?: string;
  readonly domain?: string;
  readonly plainPassword?: boolean;
  readonly nativeOs?: string;
  readonly nativeManager?: string;
  readonly calledName?: string;
  readonly callingName?: string;
  readonly ntlm?: NtlmMessage;
}

export type Draft = Mutable<Fields>;

export const OPERATIONS = defineOperations({
  openSession: ['open NetBIOS session', 'session'],
  keepAlive: ['keep alive', 'session'],
  negotiate: ['negotiate', 'session'],
  setUp: ['set up session', 'authenticate'],
  logOff: ['log off', 'session'],
  connectTree: ['connect to share', 'read'],
  disconnectTree: ['disconnect from share', 'session'],
  open: ['open file', 'read'],
  create: ['create file', 'write'],
  close: ['close file', 'session'],
  flush: ['flush file', 'session'],
  read: ['read file', 'read'],
  write: ['write file', 'write'],
  delete: ['delete file', 'write'],
  rename: ['rename file', 'write'],
  createDirectory: ['create directory', 'write'],
  deleteDirectory: ['delete directory', 'write'],
  list: ['list directory', 'read'],
  watch: ['watch directory', 'read'],
  query: ['query information', 'read'],
  set: ['set information', 'write'],
  lock: ['lock file', 'session'],
  pipe: ['call through pipe', 'session'],
  browse: ['list servers or shares', 'discover'],
  transact: ['transaction', 'unknown'],
  control: ['device control', 'unknown'],
  echo: ['echo', 'session'],
  cancel: ['cancel', 'session'],
  encrypted: ['encrypted message', 'unknown'],
  compressed: ['compressed message', 'unknown'],
  unknown: ['unknown command', 'unknown'],
});

/** MS-ERREF, section 2.3: the refusals seen most. */
const STATUSES: ReadonlyMap<number, string> = new Map([
  [0xc0000002, 'not implemented'],
  [0xc000000d, 'invalid parameter'],
  [0xc000000f, 'no such file'],
  [0xc0000011, 'end of file'],
  [0xc0000022, 'access denied'],
  [0xc0000034, 'name not found'],
  [0xc0000035, 'name exists already'],
  [0xc000003a, 'path not found'],
  [0xc0000043, 'in use by another'],
  [0xc0000064, 'no such user'],
  [0xc000006a, 'wrong password'],
  [0xc000006d, 'sign-in failed'],
  [0xc0000072, 'account disabled'],
  [0xc00000bb, 'not supported'],
  [0xc00000cc, 'no such share'],
  [0xc0000120, 'cancelled'],
  [0xc0000203, 'session ended'],
  [0xc0000225, 'not found'],
  [0xc0000234, 'account locked'],
]);
const MORE_PROCESSING = 0xc0000016;
export const PENDING = 0x103;

/** Why a command failed; undefined for success, warnings, and a sign-in that only needs another step. */
export function refusalOf(status: number): string | undefined {
  if (status >>> 30 !== 3 || status === MORE_PROCESSING) {
    return undefined;
  }
  return STATUSES.get(status) ?? `status 0x${status.toString(16)}`;
}

/** Text that a field elsewhere points at; undefined where it does not lie in the message, however the field lies. */
export function textAt(reader: Reader, at: number, length: number, charset: Charset): string | undefined {
  const bytes = bytesAt(reader, at, length);
  if (bytes === undefined || length === 0) {
    return undefined;
  }
  const back = reader.position;
  reader.seek(at);
  const text = reader.text(length, charset);
  reader.seek(back);
  return text;
}

export function bytesAt(reader: Reader, at: number, length: number): Uint8Array | undefined {
  if (at + length > reader.length) {
    return undefined;
  }
  const back = reader.position;
  reader.seek(at);
  const bytes = reader.take(length);
  reader.seek(back);
  return bytes;
}

/** The share that programs talk through; every other holds files. */
const PIPES = /(^|\\)ipc\$$/i;

/** Shares by the number that a connection gave them, so that pipes are told from files. */
export function rememberShare(context: Context, treeId: number, share: string): void {
  context.remember(`smb tree ${treeId}`, PIPES.test(share));
}

/** A pipe's bytes are a call; where the share was never seen, what begins like a call (C706, version 5.0) is one. */
export function pipeCall(
  context: Context,
  treeId: number,
  bytes: Uint8Array | undefined,
): readonly Carried[] | undefined {
  if (bytes === undefined || bytes.length === 0) {
    return undefined;
  }
  const pipes = context.recall(`smb tree ${treeId}`) ?? (bytes[0] === 5 && bytes[1] === 0);
  return pipes === true ? [{ bytes }] : undefined;
}

/** The fields of the question, where it is this protocol's. */
export function askedFields(question: Reading | undefined): Fields | undefined {
  return question?.fields as Fields | undefined;
}
