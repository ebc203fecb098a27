import { md5Text } from '../../stack/md5.ts';
import { sha256Text } from '../../stack/sha256.ts';
import { type ClientHello, Extension, isGrease } from './hello.ts';

/** JA3 (Salesforce, 2017): MD5 over what the client offers, in its order, in decimal digits. */
export function ja3(hello: ClientHello): string {
  const lists = [hello.ciphers, hello.extensions, hello.groups, hello.pointFormats];
  const offered = lists.map((list) => list.filter((value) => !isGrease(value)).join('-'));
  return md5Text(ascii([hello.version, ...offered].join(',')));
}

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
]);
const NO_LIST = '000000000000';

/** JA4 of a TLS client over TCP (FoxIO, 2023): readable counts, then hashes over the sorted offers. */
export function ja4(hello: ClientHello): string {
  const ciphers = hello.ciphers.filter((value) => !isGrease(value));
  const extensions = hello.extensions.filter((value) => !isGrease(value));
  const version = Math.max(
    hello.version * Number(hello.versions.length === 0),
    ...hello.versions.filter((value) => !isGrease(value)),
  );
  const destination = hello.serverName === undefined ? 'i' : 'd';
  const head = `t${VERSIONS.get(version) ?? '00'}${destination}${count(ciphers)}${count(extensions)}${alpnMark(hello)}`;
  const listed = extensions.filter((value) => value !== Extension.serverName && value !== Extension.alpn);
  const signatures = hello.signatures.filter((value) => !isGrease(value));
  const behaviour = [sorted(listed), ...(signatures.length > 0 ? [signatures.map(digits).join(',')] : [])].join('_');
  return `${head}_${short(sorted(ciphers))}_${short(extensions.length > 0 ? behaviour : '')}`;
}

function count(list: readonly number[]): string {
  return String(Math.min(99, list.length)).padStart(2, '0');
}

/** First and last character of the first protocol offered; of its hexadecimal digits where those are no letters or digits. */
function alpnMark({ alpn: [first = ''] }: ClientHello): string {
  if (first === '') {
    return '00';
  }
  const ends = `${first.charAt(0)}${first.charAt(first.length - 1)}`;
  if (/^[0-9a-z]{2}$/i.test(ends)) {
    return ends;
  }
  const hexadecimal = Array.from(first, (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return `${hexadecimal.charAt(0)}${hexadecimal.charAt(hexadecimal.length - 1)}`;
}

function sorted(list: readonly number[]): string {
  return list.map(digits).toSorted().join(',');
}

function digits(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function short(text: string): string {
  return text === '' ? NO_LIST : sha256Text(ascii(text)).slice(0, 12);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
