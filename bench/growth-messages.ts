import type { Dissector } from '../src/wire/dissector.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { TestConversation } from '../test/captures.ts';
import { hex, joined, repeated, text, u16, u16le, u24, u32, u32le } from './bytes.ts';
import type { GrowthCase } from './growth.ts';
import { exercise } from './growth-mutants.ts';

/** The longest honest lists, and the deepest nests, that each format lets a sender write; lengths and counts are right. */
const WORST: readonly {
  readonly protocol: string;
  readonly what: string;
  readonly items: number;
  readonly isAnswer?: true;
  readonly bytes: (items: number) => Uint8Array;
}[] = [
  { protocol: 'cip', what: 'services in one packet', items: 25, bytes: cipServices },
  { protocol: 'cip', what: 'answers in one packet', items: 25, isAnswer: true, bytes: cipAnswers },
  { protocol: 'dns', what: 'records, each name a pointer', items: 120, isAnswer: true, bytes: dnsRecords },
  { protocol: 'dns', what: 'pointers to pointers', items: 120, isAnswer: true, bytes: dnsPointers },
  { protocol: 'snmp', what: 'variables', items: 500, bytes: snmpVariables },
  { protocol: 'snmp', what: 'nested sequences', items: 4, bytes: snmpNest },
  { protocol: 'mqtt', what: 'properties', items: 60, bytes: mqttProperties },
  { protocol: 'mqtt', what: 'topics of one subscription', items: 1000, bytes: mqttTopics },
  { protocol: 'mqtt', what: 'Sparkplug metrics', items: 500, bytes: sparkplugMetrics },
  { protocol: 'opcua', what: 'nodes to read', items: 120, bytes: opcuaNodes },
  { protocol: 'opcua', what: 'variants in variants', items: 4, isAnswer: true, bytes: opcuaNest },
  { protocol: 'http', what: 'header lines', items: 60, bytes: httpHeaders },
  { protocol: 'http', what: 'one long header line', items: 1500, bytes: httpLine },
  { protocol: 'tls', what: 'certificates', items: 8, isAnswer: true, bytes: tlsCertificates },
  { protocol: 'tls', what: 'extensions of a hello', items: 120, bytes: tlsExtensions },
  { protocol: 'tls', what: 'messages in one record', items: 200, bytes: tlsMessages },
  { protocol: 'smb', what: 'commands in one compound', items: 30, bytes: smbCompound },
  { protocol: 'smb', what: 'dialects', items: 60, bytes: smbDialects },
  { protocol: 'ldap', what: 'filters in filters', items: 4, bytes: ldapNest },
  { protocol: 'ws_discovery', what: 'elements in elements', items: 500, bytes: xmlNest },
  { protocol: 'ws_discovery', what: 'elements never closed', items: 500, bytes: xmlOpen },
  { protocol: 'dhcp', what: 'options', items: 1000, bytes: dhcpOptions },
  { protocol: 'lldp', what: 'values', items: 500, bytes: lldpValues },
  { protocol: 'telnet', what: 'commands', items: 2000, bytes: telnetCommands },
  { protocol: 'ftp', what: 'lines of one answer', items: 120, isAnswer: true, bytes: ftpLines },
];

export const MESSAGE_CASES: readonly GrowthCase[] = WORST.map(({ protocol, what, items, isAnswer, bytes }) => ({
  name: `${protocol}: ${what}`,
  size: items,
  unit: 'items',
  outcome: (size) => outcomeOf(protocol, bytes(size), isAnswer !== true),
  prepare(size) {
    const dissector = dissectorOf(protocol);
    const message = bytes(size);
    return () => exercise(dissector, message, isAnswer !== true);
  },
}));

function dissectorOf(protocol: string): Dissector {
  const dissector = dissectors.find(({ name }) => name === protocol);
  if (!dissector) {
    throw new Error(`no protocol ${protocol}`);
  }
  return dissector;
}

function outcomeOf(protocol: string, message: Uint8Array, fromClient: boolean): string {
  const dissection = dissectorOf(protocol).dissect(message, new TestConversation().context(fromClient));
  return dissection.outcome === 'malformed' ? dissection.reason : dissection.outcome;
}

/** Multiple Service Packet (0x0a) to the message router: count, offsets, requests. */
function cipServices(items: number): Uint8Array {
  const one = hex('0e 03 20 01 24 01 30 01');
  const offsets = repeated(items, (number) => u16le(2 + 2 * items + number * one.length));
  return joined(
    hex('0a 02 20 02 24 01'),
    u16le(items),
    offsets,
    repeated(items, () => one),
  );
}

function cipAnswers(items: number): Uint8Array {
  const one = hex('8e 00 00 00 0c 00');
  const offsets = repeated(items, (number) => u16le(2 + 2 * items + number * one.length));
  return joined(
    hex('8a 00 00 00'),
    u16le(items),
    offsets,
    repeated(items, () => one),
  );
}

function overTcp(message: Uint8Array): Uint8Array {
  return joined(u16(message.length), message);
}

/** Header, one question, and so many address records whose names point at the question. */
function dnsRecords(items: number): Uint8Array {
  const question = hex('03 68 6d 69 05 70 6c 61 6e 74 00 00 01 00 01');
  const record = hex('c0 0c 00 01 00 01 00 00 00 78 00 04 c0 00 02 14');
  return overTcp(
    joined(
      hex('1001 8580 0001'),
      u16(items),
      hex('00000000'),
      question,
      repeated(items, () => record),
    ),
  );
}

/** Each record's name points at the name before it, so that the last one leads through all. */
function dnsPointers(items: number): Uint8Array {
  const question = hex('01 61 00 00 01 00 01');
  const first = 12 + question.length;
  const record = (number: number) => {
    const before = number === 0 ? 12 : first + (number - 1) * 16;
    return joined(u16(0xc000 | (before & 0x3fff)), hex('00 01 00 01 00 00 00 78 00 04 c0 00 02 14'));
  };
  return overTcp(joined(hex('1001 8580 0001'), u16(items), hex('00000000'), question, repeated(items, record)));
}

/** A value of BER with a length of four bytes. */
function ber(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const inside = joined(...content);
  return joined(Uint8Array.of(tag, 0x84), u32(inside.length), inside);
}

function snmpVariables(items: number): Uint8Array {
  const variables = repeated(items, () => hex('30 0c 06 08 2b 06 01 02 01 01 01 00 05 00'));
  const pdu = ber(0xa0, hex('02 01 01 02 01 00 02 01 00'), ber(0x30, variables));
  return ber(0x30, hex('02 01 01 04 01 61'), pdu);
}

/** So many values inside each other, built from the inside with lengths of four bytes. */
function nest(tag: number, items: number, inside: Uint8Array): Uint8Array {
  const heads = repeated(items, (number) =>
    joined(Uint8Array.of(tag, 0x84), u32(inside.length + (items - 1 - number) * 6)),
  );
  return joined(heads, inside);
}

function snmpNest(items: number): Uint8Array {
  const pdu = ber(0xa0, hex('02 01 01 02 01 00 02 01 00'), nest(0x30, items, hex('05 00')));
  return ber(0x30, hex('02 01 01 04 01 61'), pdu);
}

function variableInteger(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
  }
  return Uint8Array.from(bytes);
}

function mqtt(type: number, ...content: readonly Uint8Array[]): Uint8Array {
  const inside = joined(...content);
  return joined(Uint8Array.of(type), variableInteger(inside.length), inside);
}

function mqttProperties(items: number): Uint8Array {
  const properties = repeated(items, () => hex('26 0001 61 0001 62'));
  const head = hex('0004 4d515454 05 02 001e');
  return mqtt(0x10, head, variableInteger(properties.length), properties, hex('0001 63'));
}

function mqttTopics(items: number): Uint8Array {
  return mqtt(
    0x82,
    hex('0001'),
    repeated(items, (number) => joined(hex('0004'), u32(0x6161_0000 + number), hex('01'))),
  );
}

function sparkplugMetrics(items: number): Uint8Array {
  const metric = hex('12 0a 0a 01 61 20 0c 7a 03 61 62 63');
  return mqtt(
    0x30,
    u16(21),
    text('spBv1.0/P/NBIRTH/edge'),
    repeated(items, () => metric),
    hex('1800'),
  );
}

/** Behind the sequence header: type id, request header without anything optional. */
function opcua(serviceId: number, content: Uint8Array): Uint8Array {
  const header = hex('0000 402b9fc0a3d80101 05000000 00000000 ffffffff 88130000 000000');
  const body = joined(hex('07000000 01000000 05000000 05000000 0100'), u16le(serviceId), header, content);
  return joined(text('MSGF'), u32le(body.length + 8), body);
}

function opcuaNodes(items: number): Uint8Array {
  const node = hex('0100 d408 0d000000 ffffffff 0000 ffffffff');
  return opcua(
    631,
    joined(
      hex('0000000000000000 02000000'),
      u32le(items),
      repeated(items, () => node),
    ),
  );
}

/** A read response whose one value is an array of one variant that holds an array of one variant, and so on. */
function opcuaNest(items: number): Uint8Array {
  const header = hex('402b9fc0a3d80101 05000000 00000000 00 ffffffff 000000');
  const values = joined(
    hex('01000000 01'),
    repeated(items, () => hex('98 01000000')),
    hex('01 01'),
  );
  const body = joined(hex('07000000 01000000 05000000 05000000 0100'), u16le(634), header, values, hex('ffffffff'));
  return joined(text('MSGF'), u32le(body.length + 8), body);
}

function httpHeaders(items: number): Uint8Array {
  const lines = Array.from({ length: items }, (_, number) => `X-${number}: ${number}\r\n`).join('');
  return text(`GET / HTTP/1.1\r\nHost: drive\r\n${lines}\r\n`);
}

function httpLine(items: number): Uint8Array {
  return text(`GET / HTTP/1.1\r\nHost: drive\r\nCookie: ${'a; '.repeat(items)}\r\n\r\n`);
}

function tlsRecord(content: Uint8Array): Uint8Array {
  return joined(hex('16 0303'), u16(Math.min(content.length, 0xffff)), content);
}

function handshake(type: number, content: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(type), u24(content.length), content);
}

function tlsCertificates(items: number): Uint8Array {
  const one = ber(0x30, ber(0x30, hex('a003020102 0201 01')), nest(0x30, 16, hex('0500')));
  const list = repeated(items, () => joined(u24(one.length), one));
  return tlsRecord(handshake(11, joined(u24(list.length), list)));
}

function tlsExtensions(items: number): Uint8Array {
  const extensions = repeated(items, (number) => joined(u16(number), u16(8), hex('0006 0004 61626364')));
  const random = new Uint8Array(32);
  const hello = joined(hex('0303'), random, hex('00 0002 1301 01 00'), u16(extensions.length), extensions);
  return tlsRecord(handshake(1, hello));
}

function tlsMessages(items: number): Uint8Array {
  return tlsRecord(repeated(items, () => handshake(0, new Uint8Array(4))));
}

function smb2Header(command: number, next: number, messageId: number): Uint8Array {
  const head = joined(hex('fe534d42 4000 0000 00000000'), u16le(command), hex('0100 00000000'), u32le(next));
  return joined(head, u32le(messageId), new Uint8Array(36));
}

/** Echo after echo. */
function smbCompound(items: number): Uint8Array {
  const commands = repeated(items, (number) =>
    joined(smb2Header(13, number === items - 1 ? 0 : 72, number), hex('0400 0000 00000000')),
  );
  return joined(u32(commands.length), commands);
}

function smbDialects(items: number): Uint8Array {
  const head = joined(hex('2400'), u16le(items), new Uint8Array(32));
  const message = joined(
    smb2Header(0, 0, 0),
    head,
    repeated(items, () => u16le(0x0311)),
  );
  return joined(u32(message.length), message);
}

function ldapNest(items: number): Uint8Array {
  const filter = nest(0xa0, items, hex('87 01 61'));
  const search = ber(0x63, hex('0401 61 0a0102 0a0100 020100 020100 010100'), filter, hex('3000'));
  return ber(0x30, hex('020101'), search);
}

function xmlNest(items: number): Uint8Array {
  return text(`${XML}${'<a:b>'.repeat(items)}${'</a:b>'.repeat(items)}`);
}

function xmlOpen(items: number): Uint8Array {
  return text(`${XML}${'<d:Types '.repeat(items)}`);
}

const XML =
  '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ' +
  'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body><d:Probe>';

function dhcpOptions(items: number): Uint8Array {
  const head = joined(hex('01 01 06 00 00000001'), new Uint8Array(228), hex('63825363 350101'));
  return joined(
    head,
    repeated(items, () => hex('0c 02 6162')),
    hex('ff'),
  );
}

function lldpValues(items: number): Uint8Array {
  const start = hex('0207 04 020000000001 0404 07 020000 0602 0078');
  return joined(
    start,
    repeated(items, () => hex('fe06 000ecf 010203')),
    hex('0000'),
  );
}

function telnetCommands(items: number): Uint8Array {
  return repeated(items, () => hex('fffd18 fffa1801fff0'));
}

function ftpLines(items: number): Uint8Array {
  return text(`220-hello\r\n${'220-more of it\r\n'.repeat(items)}220 ready\r\n`);
}
