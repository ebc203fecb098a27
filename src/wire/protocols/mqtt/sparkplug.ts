import type { Mutable } from '../../../kit/mutable.ts';
import type { Reader } from '../../reader.ts';

/** Sparkplug 3.0, chapter 4: `spBv1.0/group/type/node[/device]`, and `spBv1.0/STATE/host` of the host application. */
export interface SparkplugTopic {
  readonly type: string;
  readonly group?: string;
  readonly node: string;
  readonly device?: string;
}

/** Metrics of a birth that say what the node or device is. */
export interface Birth {
  readonly metrics: number;
  /** Milliseconds since 1970, as the node states them. */
  readonly timestamp?: number;
  readonly make?: string;
  readonly model?: string;
  readonly firmware?: string;
  readonly hardware?: string;
  readonly serial?: string;
  readonly os?: string;
}

const NAMESPACE = 'spBv1.0/';
const TYPES: ReadonlySet<string> = new Set(['NBIRTH', 'NDEATH', 'DBIRTH', 'DDEATH', 'NDATA', 'DDATA', 'NCMD', 'DCMD']);

export function readTopic(topic: string): SparkplugTopic | undefined {
  if (!topic.startsWith(NAMESPACE)) {
    return undefined;
  }
  const [, group = '', type = '', node = '', device] = topic.split('/', 6);
  if (group === 'STATE') {
    return { type: group, node: type };
  }
  if (!TYPES.has(type)) {
    return undefined;
  }
  return { type, group, node, ...(device === undefined ? {} : { device }) };
}

export function isCommand({ type }: SparkplugTopic): boolean {
  return type === 'NCMD' || type === 'DCMD';
}

/** Chapter 6.4.1: fields of Payload and Metric, as protocol buffers number them. */
const PAYLOAD_TIMESTAMP = 1;
const PAYLOAD_METRIC = 2;
const METRIC_NAME = 1;
const METRIC_TEXT = 15;
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

type BirthDraft = Mutable<Birth>;

/** Names that the specification's examples and common gateways use, without the folder before them. */
const PROPERTIES: ReadonlyMap<string, Exclude<keyof Birth, 'metrics' | 'timestamp'>> = new Map([
  ['hardware make', 'make'],
  ['make', 'make'],
  ['manufacturer', 'make'],
  ['vendor', 'make'],
  ['hardware model', 'model'],
  ['model', 'model'],
  ['fw', 'firmware'],
  ['fw version', 'firmware'],
  ['firmware', 'firmware'],
  ['firmware version', 'firmware'],
  ['software version', 'firmware'],
  ['hardware version', 'hardware'],
  ['serial', 'serial'],
  ['serial number', 'serial'],
  ['os', 'os'],
]);

/** Reads a payload to its end. Whatever breaks the encoding only ends the reading: the packet itself is whole. */
export function readBirth(reader: Reader): Birth {
  const birth: BirthDraft = { metrics: 0 };
  const payload = reader.sub(reader.remaining);
  payload.repeatToEnd(() => {
    const key = payload.u8();
    if (key === ((PAYLOAD_TIMESTAMP << 3) | VARINT)) {
      birth.timestamp = readVarint(payload);
    } else if (key === ((PAYLOAD_METRIC << 3) | LENGTH_DELIMITED)) {
      birth.metrics++;
      readMetric(payload.sub(readVarint(payload)), birth);
    } else {
      skipValue(payload, key & 7);
    }
  });
  return birth;
}

function readMetric(metric: Reader, birth: BirthDraft): void {
  let name = '';
  let value: string | undefined;
  metric.repeatToEnd(() => {
    const key = readVarint(metric);
    if (key === ((METRIC_NAME << 3) | LENGTH_DELIMITED)) {
      name = metric.text(readVarint(metric));
    } else if (key === ((METRIC_TEXT << 3) | LENGTH_DELIMITED)) {
      value = metric.text(readVarint(metric)).trim();
    } else {
      skipValue(metric, key & 7);
    }
  });
  const property = value ? PROPERTIES.get(name.slice(name.lastIndexOf('/') + 1).toLowerCase()) : undefined;
  if (property !== undefined && value !== undefined && birth[property] === undefined) {
    birth[property] = value;
  }
}

function skipValue(reader: Reader, wireType: number): void {
  switch (wireType) {
    case VARINT:
      readVarint(reader);
      break;
    case FIXED64:
      reader.skip(8);
      break;
    case FIXED32:
      reader.skip(4);
      break;
    case LENGTH_DELIMITED:
      reader.skip(readVarint(reader));
      break;
    default:
      // Groups are not used: the rest cannot be read.
      reader.skip(reader.remaining);
  }
}

/** Up to ten bytes; beyond 53 bits only the size is kept, which is all that a length needs. */
function readVarint(reader: Reader): number {
  let value = 0;
  let factor = 1;
  for (let at = 0; at < 10; at++) {
    const digit = reader.u8();
    value += (digit & 0x7f) * factor;
    if (digit < 0x80) {
      return value;
    }
    factor *= 128;
  }
  return value;
}
