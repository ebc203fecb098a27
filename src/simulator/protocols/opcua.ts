import type { Micros } from '../../kit/time.ts';
import { ByteWriter } from '../frames/bytes.ts';

/** OPC UA binary over TCP without security (IEC 62541-6 and -4; numeric ids from the nodeset of part 6). */
export const SERVICES = {
  getEndpoints: 428,
  createSession: 461,
  activateSession: 467,
  read: 631,
  write: 673,
  createSubscription: 787,
  createMonitoredItems: 751,
  publish: 826,
} as const;

/** Answers have the id of the question plus three. */
const TO_RESPONSE = 3;
const OPEN_CHANNEL = 446;
const ANONYMOUS_TOKEN = 321;
const DATA_CHANGE = 811;
const BUFFER = 65_536;
const LIFETIME = 3_600_000;
const POLICY_NONE = 'http://opcfoundation.org/UA/SecurityPolicy#None';
const TRANSPORT_BINARY = 'http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary';
const MODE_NONE = 1;
const SOURCE_TIMESTAMPS = 0;
const VALUE = 13;
/** Seconds from 1601 to 1970, in units of 100 ns. */
const FILETIME_EPOCH = 116_444_736_000_000_000n;

const VARIANT_DOUBLE = 11;
const VARIANT_STRING = 12;
const HAS_VALUE = 0x01;
const HAS_SOURCE_TIME = 0x04;

export type UaValue = number | string;

/** One secure channel: numbers its messages. */
export class UaChannel {
  private readonly channel: number;
  private readonly token = 1;
  private requestId = 0;
  private readonly sequences = { client: 0, server: 0 };

  constructor(channel: number) {
    this.channel = channel;
  }

  hello(url: string): Uint8Array {
    const body = this.buffers(new ByteWriter(64).u32le(0));
    return message('HEL', string(body, url).finish());
  }

  acknowledge(): Uint8Array {
    return message('ACK', this.buffers(new ByteWriter(32).u32le(0)).finish());
  }

  private buffers(writer: ByteWriter): ByteWriter {
    return writer.u32le(BUFFER).u32le(BUFFER).u32le(0).u32le(0);
  }

  openRequest(time: Micros): Uint8Array {
    this.requestId++;
    const body = this.requestHeader(this.openHeader('client', 0), OPEN_CHANNEL, time).u32le(0).u32le(0);
    return message('OPN', body.u32le(MODE_NONE).u32le(NULL).u32le(LIFETIME).finish());
  }

  openResponse(time: Micros): Uint8Array {
    const body = this.responseHeader(this.openHeader('server', this.channel), OPEN_CHANNEL + TO_RESPONSE, time)
      .u32le(0)
      .u32le(this.channel)
      .u32le(this.token)
      .u64le(filetime(time))
      .u32le(LIFETIME);
    return message('OPN', body.u32le(NULL).finish());
  }

  private openHeader(side: 'client' | 'server', channel: number): ByteWriter {
    const writer = string(new ByteWriter(160).u32le(channel), POLICY_NONE).u32le(NULL).u32le(NULL);
    return writer.u32le(this.nextSequence(side)).u32le(this.requestId);
  }

  /** Starts the next question of this service. */
  request(service: number, time: Micros, write: (body: ByteWriter) => void): Uint8Array {
    this.requestId++;
    const body = this.requestHeader(this.messageHeader('client', this.requestId), service, time);
    write(body);
    return message('MSG', body.finish());
  }

  /** The answer to the question with this number; see `lastRequest`. */
  response(
    service: number,
    part: { readonly request: number; readonly time: Micros },
    write: (body: ByteWriter) => void,
  ) {
    const body = this.responseHeader(
      this.messageHeader('server', part.request),
      service + TO_RESPONSE,
      part.time,
      part.request,
    );
    write(body);
    return message('MSG', body.finish());
  }

  get lastRequest(): number {
    return this.requestId;
  }

  private messageHeader(side: 'client' | 'server', request: number): ByteWriter {
    return new ByteWriter(256).u32le(this.channel).u32le(this.token).u32le(this.nextSequence(side)).u32le(request);
  }

  private nextSequence(side: 'client' | 'server'): number {
    this.sequences[side]++;
    return this.sequences[side];
  }

  private requestHeader(writer: ByteWriter, type: number, time: Micros): ByteWriter {
    return numericId(writer, 0, type)
      .raw([0, 0])
      .u64le(filetime(time))
      .u32le(this.requestId)
      .u32le(0)
      .u32le(NULL)
      .u32le(5000)
      .raw([0, 0, 0]);
  }

  private responseHeader(writer: ByteWriter, type: number, time: Micros, request = this.requestId): ByteWriter {
    return numericId(writer, 0, type).u64le(filetime(time)).u32le(request).u32le(0).u8(0).u32le(NULL).raw([0, 0, 0]);
  }
}

const NULL = 0xffff_ffff;

function message(type: string, body: Uint8Array): Uint8Array {
  return new ByteWriter(8 + body.length)
    .ascii(type)
    .ascii('F')
    .u32le(8 + body.length)
    .raw(body)
    .finish();
}

function filetime(time: Micros): bigint {
  return BigInt(Math.floor(time)) * 10n + FILETIME_EPOCH;
}

function string(writer: ByteWriter, text: string): ByteWriter {
  return writer.u32le(text.length).ascii(text);
}

/** Four-byte form: namespace in one byte, number in two. */
function numericId(writer: ByteWriter, namespace: number, id: number): ByteWriter {
  return writer.u8(1).u8(namespace).u16le(id);
}

export interface UaServer {
  readonly uri: string;
  readonly productUri: string;
  readonly name: string;
  readonly url: string;
}

function application(writer: ByteWriter, part: UaServer, type: number): void {
  string(string(writer, part.uri), part.productUri);
  string(writer.u8(2), part.name);
  writer.u32le(type).u32le(NULL).u32le(NULL);
  if (type === APPLICATION_SERVER) {
    string(writer.u32le(1), part.url);
  } else {
    writer.u32le(0);
  }
}

const APPLICATION_SERVER = 0;
const APPLICATION_CLIENT = 1;

function endpoints(writer: ByteWriter, server: UaServer): void {
  string(writer.u32le(1), server.url);
  application(writer, server, APPLICATION_SERVER);
  string(writer.u32le(NULL).u32le(MODE_NONE), POLICY_NONE);
  string(writer.u32le(1), 'anonymous').u32le(0).u32le(NULL).u32le(NULL).u32le(NULL);
  string(writer, TRANSPORT_BINARY).u8(0);
}

export function getEndpoints(url: string): (body: ByteWriter) => void {
  return (body) => string(body, url).u32le(0).u32le(0);
}

export function endpointList(server: UaServer): (body: ByteWriter) => void {
  return (body) => endpoints(body, server);
}

export function createSession(client: UaServer, server: UaServer): (body: ByteWriter) => void {
  return (body) => {
    application(body, client, APPLICATION_CLIENT);
    string(string(body.u32le(NULL), server.url), `${client.name} session`);
    body.u32le(NULL).u32le(NULL).f64le(1_200_000).u32le(0);
  };
}

export function sessionCreated(server: UaServer, session: number): (body: ByteWriter) => void {
  return (body) => {
    numericId(numericId(body, 1, session), 1, session + 1)
      .f64le(1_200_000)
      .u32le(NULL)
      .u32le(NULL);
    endpoints(body, server);
    body.u32le(0).u32le(NULL).u32le(NULL).u32le(0);
  };
}

export function activateSession(body: ByteWriter): void {
  body.u32le(NULL).u32le(NULL).u32le(0).u32le(0);
  numericId(body, 0, ANONYMOUS_TOKEN).u8(1).u32le(13);
  string(body, 'anonymous').u32le(NULL).u32le(NULL);
}

export function sessionActivated(body: ByteWriter): void {
  body.u32le(NULL).u32le(0).u32le(0);
}

export interface UaNode {
  readonly namespace: number;
  readonly id: number;
}

function readValueId(body: ByteWriter, node: UaNode): void {
  numericId(body, node.namespace, node.id).u32le(VALUE).u32le(NULL).u16le(0).u32le(NULL);
}

export function read(nodes: readonly UaNode[]): (body: ByteWriter) => void {
  return (body) => {
    body.f64le(0).u32le(SOURCE_TIMESTAMPS).u32le(nodes.length);
    for (const node of nodes) {
      readValueId(body, node);
    }
  };
}

function dataValue(body: ByteWriter, value: UaValue, time: Micros): void {
  body.u8(HAS_VALUE | HAS_SOURCE_TIME);
  if (typeof value === 'number') {
    body.u8(VARIANT_DOUBLE).f64le(value);
  } else {
    string(body.u8(VARIANT_STRING), value);
  }
  body.u64le(filetime(time));
}

export function readValues(values: readonly UaValue[], time: Micros): (body: ByteWriter) => void {
  return (body) => {
    body.u32le(values.length);
    for (const value of values) {
      dataValue(body, value, time);
    }
    body.u32le(0);
  };
}

export function write(node: UaNode, value: number): (body: ByteWriter) => void {
  return (body) => {
    numericId(body.u32le(1), node.namespace, node.id).u32le(VALUE).u32le(NULL);
    body.u8(HAS_VALUE).u8(VARIANT_DOUBLE).f64le(value);
  };
}

export function written(body: ByteWriter): void {
  body.u32le(1).u32le(0).u32le(0);
}

export function createSubscription(interval: number): (body: ByteWriter) => void {
  return (body) => body.f64le(interval).u32le(10_000).u32le(30).u32le(0).u8(1).u8(0);
}

export function subscriptionCreated(interval: number): (body: ByteWriter) => void {
  return (body) => body.u32le(SUBSCRIPTION).f64le(interval).u32le(10_000).u32le(30);
}

const SUBSCRIPTION = 1;
const REPORTING = 2;

export function createMonitoredItems(nodes: readonly UaNode[], interval: number): (body: ByteWriter) => void {
  return (body) => {
    body.u32le(SUBSCRIPTION).u32le(SOURCE_TIMESTAMPS).u32le(nodes.length);
    for (const [handle, node] of nodes.entries()) {
      readValueId(body, node);
      body
        .u32le(REPORTING)
        .u32le(handle + 1)
        .f64le(interval)
        .raw([0, 0, 0])
        .u32le(1)
        .u8(1);
    }
  };
}

export function monitoredItemsCreated(count: number, interval: number): (body: ByteWriter) => void {
  return (body) => {
    body.u32le(count);
    for (let item = 1; item <= count; item++) {
      body.u32le(0).u32le(item).f64le(interval).u32le(1).raw([0, 0, 0]);
    }
    body.u32le(0);
  };
}

/** Acknowledges the notification with this number; 0 for none. */
export function publish(acknowledged: number): (body: ByteWriter) => void {
  return (body) => {
    if (acknowledged === 0) {
      body.u32le(0);
    } else {
      body.u32le(1).u32le(SUBSCRIPTION).u32le(acknowledged);
    }
  };
}

export function notification(
  sequence: number,
  values: readonly number[],
  part: { readonly time: Micros; readonly acknowledges: boolean },
): (body: ByteWriter) => void {
  return (body) => {
    const items = new ByteWriter(256).u32le(values.length);
    for (const [index, value] of values.entries()) {
      items.u32le(index + 1);
      dataValue(items, value, part.time);
    }
    const change = items.u32le(0).finish();
    body.u32le(SUBSCRIPTION).u32le(1).u32le(sequence).u8(0).u32le(sequence).u64le(filetime(part.time)).u32le(1);
    numericId(body, 0, DATA_CHANGE).u8(1).u32le(change.length).raw(change);
    if (part.acknowledges) {
      body.u32le(1).u32le(0);
    } else {
      body.u32le(0);
    }
    body.u32le(0);
  };
}
