import type { Mutable } from '../../kit/mutable.ts';
import type { Micros } from '../../kit/time.ts';
import { NOTHING } from '../dissector.ts';
import { known, type Observation } from '../observation.ts';
import { Reader } from '../reader.ts';
import { type Charset, IDENTITY_TEXT } from '../text.ts';

/**
 * What an NTLM message says in clear (MS-NLMP): names, domain, user, version and time of the machine that sent it.
 * SMB, DCE/RPC, HTTP, RDP and LDAP carry these, bare or inside SPNEGO. Challenges and responses are never kept.
 */
export interface NtlmMessage {
  readonly type: 'negotiate' | 'challenge' | 'authenticate';
  /** Domain of the user, or of the server that challenges. */
  readonly domain?: string;
  readonly user?: string;
  /** NetBIOS name of the sender. */
  readonly host?: string;
  readonly dnsName?: string;
  /** `Windows 10.0 build 19045`; absent where the sender is not Windows (Samba sends build 0). */
  readonly os?: string;
  /** The sender's clock, in a challenge only. */
  readonly clock?: Micros;
}

/** `NTLMSSP` and a NUL (section 2.2.1). */
const SIGNATURE = [0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0] as const;
/** A token begins near the start of its blob; SPNEGO and Kerberos fallbacks put some bytes before it. */
const FURTHEST = 4096;
const TYPES = ['negotiate', 'challenge', 'authenticate'] as const;

/** Section 2.2.2.5. */
const UNICODE = 0x1;
const DOMAIN_SUPPLIED = 0x1000;
const WORKSTATION_SUPPLIED = 0x2000;
const VERSION = 0x2000000;

/** Section 2.2.2.1. */
const AV_END = 0;
const AV_COMPUTER = 1;
const AV_DOMAIN = 2;
const AV_DNS_COMPUTER = 3;
const AV_TIMESTAMP = 7;

/** The first NTLM message in a security token; undefined where there is none. Names that are cut off are absent. */
export function findNtlm(token: Uint8Array): NtlmMessage | undefined {
  const last = Math.min(token.length - 12, FURTHEST);
  for (let at = 0; at <= last; at++) {
    if (token[at] === SIGNATURE[0] && SIGNATURE.every((byte, offset) => token[at + offset] === byte)) {
      return readNtlm(token.subarray(at));
    }
  }
  return undefined;
}

const ANONYMOUS: Observation = { kind: 'credential', scheme: 'NTLM', secret: 'none' };

/** What the sender of the message tells about itself. */
export function observeNtlm(message: NtlmMessage | undefined, clockSource: string): readonly Observation[] {
  if (message === undefined) {
    return NOTHING;
  }
  const observations: Observation[] = [];
  const identity = known({ name: message.host || message.dnsName, os: message.os });
  if (identity.name !== undefined || identity.os !== undefined) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', ...identity });
  }
  if (message.type === 'authenticate') {
    const { user } = message;
    observations.push(user ? { kind: 'credential', scheme: 'NTLM', user, secret: 'protected' } : ANONYMOUS);
  }
  if (message.clock !== undefined && message.clock > 0) {
    observations.push({ kind: 'clock', stated: message.clock, source: clockSource });
  }
  return observations;
}

function readNtlm(bytes: Uint8Array): NtlmMessage | undefined {
  const reader = Reader.of(bytes);
  reader.skip(SIGNATURE.length);
  const type = TYPES[reader.u32le() - 1];
  if (type === 'negotiate') {
    return readNegotiate(reader);
  }
  if (type === 'challenge') {
    return readChallenge(reader);
  }
  return type === 'authenticate' ? readAuthenticate(reader) : undefined;
}

/** No name lies inside the header. */
const LEAST_HEADER = 32;

/** Section 2.2.1.1: its names are in the OEM character set always. */
function readNegotiate(reader: Reader): NtlmMessage {
  const flags = reader.u32le();
  const domain = readField(reader, 'latin-1');
  const host = readField(reader, 'latin-1');
  return {
    type: 'negotiate',
    ...(flags & DOMAIN_SUPPLIED && domain ? { domain } : {}),
    ...(flags & WORKSTATION_SUPPLIED && host ? { host } : {}),
    ...readVersion(reader, flags),
  };
}

/** Section 2.2.1.2. */
function readChallenge(reader: Reader): NtlmMessage {
  reader.skip(8); // target name: repeated in the target information
  const flags = reader.u32le();
  reader.skip(16); // challenge, reserved
  const length = reader.u16le();
  reader.skip(2);
  const at = reader.u32le();
  const version = readVersion(reader, flags);
  const said: Mutable<NtlmMessage> = { type: 'challenge', ...version };
  reader.seek(at);
  readTargetInformation(reader.sub(length), said);
  return said;
}

function readTargetInformation(reader: Reader, said: Mutable<NtlmMessage>): void {
  let id = reader.u16le();
  let length = reader.u16le();
  while (id !== AV_END && reader.remaining >= length && reader.step()) {
    if (id === AV_TIMESTAMP && length === 8) {
      said.clock = fileTime(reader.u64le());
    } else if (id === AV_COMPUTER) {
      said.host = reader.text(length, 'utf-16le');
    } else if (id === AV_DOMAIN) {
      said.domain = reader.text(length, 'utf-16le');
    } else if (id === AV_DNS_COMPUTER) {
      said.dnsName = reader.text(length, 'utf-16le');
    } else {
      reader.skip(length);
    }
    id = reader.u16le();
    length = reader.u16le();
  }
}

/** Section 2.2.1.3. */
function readAuthenticate(reader: Reader): NtlmMessage {
  const flagsAt = 60;
  reader.seek(flagsAt);
  const flags = reader.u32le();
  const version = readVersion(reader, flags);
  reader.seek(28); // behind both responses, which stay unread
  const charset = flags & UNICODE ? 'utf-16le' : 'latin-1';
  const domain = readField(reader, charset);
  const user = readField(reader, charset);
  const host = readField(reader, charset);
  return {
    type: 'authenticate',
    ...(domain ? { domain } : {}),
    ...(user ? { user } : {}),
    ...(host ? { host } : {}),
    ...version,
  };
}

/** Length, room and offset of a text in the payload; the reader ends behind these. */
function readField(reader: Reader, charset: Charset): string {
  const length = reader.u16le();
  reader.skip(2);
  const at = reader.u32le();
  const back = reader.position;
  reader.seek(at);
  const text = at < LEAST_HEADER || reader.remaining < length ? '' : reader.text(length, charset, IDENTITY_TEXT);
  reader.seek(back);
  return text;
}

/** Section 2.2.2.10. */
function readVersion(reader: Reader, flags: number): Pick<NtlmMessage, 'os'> {
  if (!(flags & VERSION)) {
    return {};
  }
  const major = reader.u8();
  const minor = reader.u8();
  const build = reader.u16le();
  return build === 0 ? {} : { os: `Windows ${major}.${minor} build ${build}` };
}

/** 100 ns since 1601 to microseconds since 1970 (MS-DTYP, section 2.3.3). */
export function fileTime(value: bigint): Micros {
  return Number(value / 10n) - 11_644_473_600_000_000;
}
