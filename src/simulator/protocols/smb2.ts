import type { Micros } from '../../kit/time.ts';
import { ByteWriter, concat } from '../frames/bytes.ts';
import type { Random } from '../random.ts';
import { ber, berObjectId, SEQUENCE } from './ber.ts';

/** SMB 3.0.2 (MS-SMB2) with NTLM (MS-NLMP): what a PC says to a file server to read a file. */
const NEGOTIATE = 0;
const SESSION_SETUP = 1;
const TREE_CONNECT = 3;
const CREATE = 5;
const CLOSE = 6;
const READ = 8;

const HEADER = 64;
const RESPONSE_FLAG = 1;
const MORE_PROCESSING = 0xc000_0016;
const DIALECTS = [0x0202, 0x0210, 0x0300, 0x0302] as const;
const DIALECT_3_0_2 = 0x0302;
const FILETIME_EPOCH = 116_444_736_000_000_000n;

interface SmbMessage {
  readonly command: number;
  readonly message: number;
  readonly response: boolean;
  readonly status?: number;
  readonly session?: bigint;
  readonly tree?: number;
  readonly body: Uint8Array;
}

function smb({ command, message, response, status = 0, session = 0n, tree = 0, body }: SmbMessage): Uint8Array {
  return new ByteWriter(4 + HEADER + body.length)
    .u8(0)
    .u24be(HEADER + body.length)
    .u8(0xfe)
    .ascii('SMB')
    .u16le(HEADER)
    .u16le(1)
    .u32le(status)
    .u16le(command)
    .u16le(31)
    .u32le(response ? RESPONSE_FLAG : 0)
    .u32le(0)
    .u64le(BigInt(message))
    .u32le(0xfeff)
    .u32le(tree)
    .u64le(session)
    .zeros(16)
    .raw(body)
    .finish();
}

function filetime(time: Micros): bigint {
  return BigInt(Math.floor(time)) * 10n + FILETIME_EPOCH;
}

export function negotiateRequest(random: Random): Uint8Array {
  const body = new ByteWriter(48)
    .u16le(36)
    .u16le(DIALECTS.length)
    .u16le(1)
    .u16le(0)
    .u32le(0x7f)
    .raw(random.bytes(16))
    .u64le(0n);
  for (const dialect of DIALECTS) {
    body.u16le(dialect);
  }
  return smb({ command: NEGOTIATE, message: 0, response: false, body: body.finish() });
}

/** GSS-API token that offers NTLM only. */
const SPNEGO = '1.3.6.1.5.5.2';
const NTLMSSP = '1.3.6.1.4.1.311.2.2.10';
const MECHANISMS = ber(0xa0, ber(SEQUENCE, berObjectId(NTLMSSP)));
const OFFER_NTLM: Uint8Array = ber(0x60, berObjectId(SPNEGO), ber(0xa0, ber(SEQUENCE, MECHANISMS)));

export function negotiateResponse(guid: Uint8Array, time: Micros): Uint8Array {
  const body = new ByteWriter(128)
    .u16le(65)
    .u16le(1)
    .u16le(DIALECT_3_0_2)
    .u16le(0)
    .raw(guid)
    .u32le(0x2f)
    .u32le(1 << 20)
    .u32le(1 << 20)
    .u32le(1 << 20)
    .u64le(filetime(time))
    .u64le(0n)
    .u16le(HEADER + 64)
    .u16le(OFFER_NTLM.length)
    .u32le(0)
    .raw(OFFER_NTLM);
  return smb({ command: NEGOTIATE, message: 0, response: true, body: body.finish() });
}

export interface NtlmLogin {
  readonly user: string;
  readonly domain: string;
  readonly workstation: string;
  readonly server: string;
}

const NTLM_FLAGS = 0xe288_8215;
const NTLM_VERSION = [10, 0, 0x61, 0x4a, 0, 0, 0, 15] as const;

function ntlm(type: number): ByteWriter {
  return new ByteWriter(256).ascii('NTLMSSP\0').u32le(type);
}

export function setupRequest(message: number, session: bigint, token: Uint8Array): Uint8Array {
  const body = new ByteWriter(32 + token.length)
    .u16le(25)
    .u8(0)
    .u8(1)
    .u32le(1)
    .u32le(0)
    .u16le(HEADER + 24)
    .u16le(token.length)
    .u64le(0n)
    .raw(token);
  return smb({ command: SESSION_SETUP, message, response: false, session, body: body.finish() });
}

export function setupResponse(message: number, session: bigint, token: Uint8Array): Uint8Array {
  const body = new ByteWriter(16 + token.length)
    .u16le(9)
    .u16le(0)
    .u16le(HEADER + 8)
    .u16le(token.length)
    .raw(token)
    .finish();
  const status = token.length > 0 ? MORE_PROCESSING : 0;
  return smb({ command: SESSION_SETUP, message, response: true, status, session, body });
}

export function ntlmNegotiate(): Uint8Array {
  return ntlm(1).u32le(NTLM_FLAGS).zeros(16).raw(NTLM_VERSION).finish();
}

function pair(id: number, text: string): Uint8Array {
  return new ByteWriter(4 + text.length * 2)
    .u16le(id)
    .u16le(text.length * 2)
    .utf16le(text)
    .finish();
}

function targetInfo({ domain, server }: NtlmLogin, time: Micros): Uint8Array {
  const stamp = new ByteWriter(12).u16le(7).u16le(8).u64le(filetime(time)).finish();
  return concat(
    pair(2, domain),
    pair(1, server.toUpperCase()),
    pair(4, 'plant.example'),
    pair(3, `${server}.plant.example`),
    stamp,
    new Uint8Array(4),
  );
}

export function ntlmChallenge(login: NtlmLogin, random: Random, time: Micros): Uint8Array {
  const info = targetInfo(login, time);
  const name = login.domain.length * 2;
  const payloadAt = 56;
  return ntlm(2)
    .u16le(name)
    .u16le(name)
    .u32le(payloadAt)
    .u32le(NTLM_FLAGS)
    .raw(random.bytes(8))
    .zeros(8)
    .u16le(info.length)
    .u16le(info.length)
    .u32le(payloadAt + name)
    .raw(NTLM_VERSION)
    .utf16le(login.domain)
    .raw(info)
    .finish();
}

export function ntlmAuthenticate(login: NtlmLogin, random: Random, time: Micros): Uint8Array {
  const proof = concat(
    random.bytes(16),
    Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0),
    new ByteWriter(8).u64le(filetime(time)).finish(),
    random.bytes(8),
    new Uint8Array(4),
    targetInfo(login, time),
    new Uint8Array(4),
  );
  const writer = ntlm(3);
  let at = 88;
  const field = (length: number) => {
    writer.u16le(length).u16le(length).u32le(at);
    at += length;
  };
  field(24);
  field(proof.length);
  field(login.domain.length * 2);
  field(login.user.length * 2);
  field(login.workstation.length * 2);
  field(16);
  return writer
    .u32le(NTLM_FLAGS)
    .raw(NTLM_VERSION)
    .raw(random.bytes(16))
    .zeros(24)
    .raw(proof)
    .utf16le(login.domain)
    .utf16le(login.user)
    .utf16le(login.workstation)
    .raw(random.bytes(16))
    .finish();
}

export interface SmbTree {
  readonly session: bigint;
  readonly tree: number;
}

export function treeRequest(message: number, session: bigint, path: string): Uint8Array {
  const body = new ByteWriter(64)
    .u16le(9)
    .u16le(0)
    .u16le(HEADER + 8)
    .u16le(path.length * 2)
    .utf16le(path)
    .finish();
  return smb({ command: TREE_CONNECT, message, response: false, session, body });
}

export function treeResponse(message: number, where: SmbTree): Uint8Array {
  const body = new ByteWriter(16).u16le(16).u8(1).u8(0).u32le(0x30).u32le(0).u32le(0x001f_01ff).finish();
  return smb({ command: TREE_CONNECT, message, response: true, ...where, body });
}

const READ_ACCESS = 0x0012_0089;

export function createRequest(message: number, where: SmbTree, name: string): Uint8Array {
  const body = new ByteWriter(96)
    .u16le(57)
    .u8(0)
    .u8(0)
    .u32le(2)
    .zeros(16)
    .u32le(READ_ACCESS)
    .u32le(0)
    .u32le(7)
    .u32le(1)
    .u32le(0x40)
    .u16le(HEADER + 56)
    .u16le(name.length * 2)
    .u32le(0)
    .u32le(0)
    .utf16le(name)
    .finish();
  return smb({ command: CREATE, message, response: false, ...where, body });
}

export interface SmbFile {
  readonly id: Uint8Array;
  readonly size: number;
  readonly time: Micros;
}

export function createResponse(message: number, where: SmbTree, file: SmbFile): Uint8Array {
  const body = times(new ByteWriter(96).u16le(89).u8(0).u8(0).u32le(1), file)
    .u64le(BigInt(file.size))
    .u64le(BigInt(file.size))
    .u32le(0x20)
    .u32le(0)
    .raw(file.id)
    .u32le(0)
    .u32le(0)
    .finish();
  return smb({ command: CREATE, message, response: true, ...where, body });
}

function times(writer: ByteWriter, { time }: SmbFile): ByteWriter {
  const stamp = filetime(time - 86_400_000_000);
  return writer.u64le(stamp).u64le(stamp).u64le(stamp).u64le(stamp);
}

export function readRequest(message: number, where: SmbTree, file: SmbFile): Uint8Array {
  const body = new ByteWriter(56)
    .u16le(49)
    .u8(0x50)
    .u8(0)
    .u32le(file.size)
    .u64le(0n)
    .raw(file.id)
    .u32le(1)
    .zeros(12)
    .u8(0)
    .finish();
  return smb({ command: READ, message, response: false, ...where, body });
}

export function readResponse(message: number, where: SmbTree, data: Uint8Array): Uint8Array {
  const body = new ByteWriter(16 + data.length)
    .u16le(17)
    .u8(HEADER + 16)
    .u8(0)
    .u32le(data.length)
    .u32le(0)
    .u32le(0)
    .raw(data)
    .finish();
  return smb({ command: READ, message, response: true, ...where, body });
}

export function closeRequest(message: number, where: SmbTree, file: SmbFile): Uint8Array {
  const body = new ByteWriter(24).u16le(24).u16le(0).u32le(0).raw(file.id).finish();
  return smb({ command: CLOSE, message, response: false, ...where, body });
}

export function closeResponse(message: number, where: SmbTree): Uint8Array {
  const body = new ByteWriter(60).u16le(60).zeros(58).finish();
  return smb({ command: CLOSE, message, response: true, ...where, body });
}
