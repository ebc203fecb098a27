import type { Mutable } from '../../../kit/mutable.ts';
import type { Reader } from '../../reader.ts';

/** The greetings of RFC 8446, section 4.1, in the form that all versions from SSL 3.0 on share. */
export interface ClientHello {
  readonly version: number;
  readonly ciphers: readonly number[];
  readonly extensions: readonly number[];
  readonly groups: readonly number[];
  readonly pointFormats: readonly number[];
  readonly signatures: readonly number[];
  readonly versions: readonly number[];
  readonly alpn: readonly string[];
  readonly serverName?: string;
}

export interface ServerHello {
  readonly version: number;
  readonly cipher: number;
  readonly alpn?: string;
}

const RANDOM = 32;
const MOST_ITEMS = 1024;

/** Extensions by number (IANA, TLS ExtensionType values). */
export const Extension = {
  serverName: 0,
  groups: 10,
  pointFormats: 11,
  signatures: 13,
  alpn: 16,
  versions: 43,
} as const;

/** RFC 8701: values that clients send so that servers stay tolerant of the unknown. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

type Draft = Mutable<ClientHello>;

export function readClientHello(reader: Reader): ClientHello {
  const version = reader.u16be();
  reader.skip(RANDOM);
  reader.skip(reader.u8()); // session
  const hello: Draft = {
    version,
    ciphers: numbers(reader, reader.u16be(), 2),
    extensions: [],
    groups: [],
    pointFormats: [],
    signatures: [],
    versions: [],
    alpn: [],
  };
  reader.skip(reader.u8()); // compression
  const extensions: number[] = [];
  readExtensions(reader, (type, body) => {
    if (extensions.length < MOST_ITEMS) {
      extensions.push(type);
    }
    readClientExtension(hello, type, body);
  });
  hello.extensions = extensions;
  return hello;
}

function readClientExtension(hello: Draft, type: number, body: Reader): void {
  switch (type) {
    case Extension.serverName: {
      body.skip(3); // length of the list, kind of the name
      const serverName = body.text(body.u16be());
      if (serverName) {
        hello.serverName = serverName;
      }
      break;
    }
    case Extension.groups:
      hello.groups = numbers(body, body.u16be(), 2);
      break;
    case Extension.pointFormats:
      hello.pointFormats = numbers(body, body.u8(), 1);
      break;
    case Extension.signatures:
      hello.signatures = numbers(body, body.u16be(), 2);
      break;
    case Extension.versions:
      hello.versions = numbers(body, body.u8(), 2);
      break;
    case Extension.alpn:
      hello.alpn = readAlpn(body);
      break;
    default:
  }
}

export function readServerHello(reader: Reader): ServerHello {
  let version = reader.u16be();
  reader.skip(RANDOM);
  reader.skip(reader.u8()); // session
  const cipher = reader.u16be();
  reader.skip(1); // compression
  let alpn: string | undefined;
  readExtensions(reader, (type, body) => {
    if (type === Extension.versions) {
      version = body.u16be();
    } else if (type === Extension.alpn) {
      [alpn] = readAlpn(body);
    }
  });
  return { version, cipher, ...(alpn === undefined ? {} : { alpn }) };
}

/** Before TLS 1.3 a greeting may end without extensions. */
function readExtensions(reader: Reader, read: (type: number, body: Reader) => void): void {
  if (reader.remaining === 0) {
    return;
  }
  reader.limit(reader.u16be());
  reader.repeatToEnd(() => {
    const type = reader.u16be();
    const length = reader.u16be();
    reader.expect(length);
    read(type, reader.sub(length));
  });
}

function readAlpn(body: Reader): readonly string[] {
  const names: string[] = [];
  body.skip(2);
  body.repeatToEnd(() => {
    const name = body.text(body.u8(), 'latin-1');
    if (names.length < 16) {
      names.push(name);
    }
  });
  return names;
}

function numbers(reader: Reader, length: number, width: 1 | 2): readonly number[] {
  reader.expect(length);
  const list = reader.sub(length);
  const values: number[] = [];
  while (list.remaining >= width && values.length < MOST_ITEMS) {
    values.push(width === 1 ? list.u8() : list.u16be());
  }
  return values;
}

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0300, 'SSL 3.0'],
  [0x0301, 'TLS 1.0'],
  [0x0302, 'TLS 1.1'],
  [0x0303, 'TLS 1.2'],
  [0x0304, 'TLS 1.3'],
]);

export function versionText(version: number): string {
  return VERSIONS.get(version) ?? `version 0x${version.toString(16).padStart(4, '0')}`;
}
