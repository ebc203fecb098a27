import { ascii, ByteWriter } from '../frames/bytes.ts';

/** RFC 2131 and 2132. */
export const DISCOVER = 1;
export const OFFER = 2;
export const REQUEST = 3;
export const ACK = 5;

const BOOT_REQUEST = 1;
const BOOT_REPLY = 2;
const MAGIC_COOKIE = 0x6382_5363;
const BROADCAST = 0x8000;
const LEAST_LENGTH = 300;

const MASK = 1;
const ROUTER = 3;
const DNS = 6;
const HOST_NAME = 12;
const DOMAIN = 15;
const REQUESTED_ADDRESS = 50;
const LEASE_TIME = 51;
const MESSAGE_TYPE = 53;
const SERVER_ID = 54;
const PARAMETER_LIST = 55;
const VENDOR_CLASS = 60;
const CLIENT_ID = 61;
const END = 255;
const WINDOWS_LIST = [1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252] as const;

export interface DhcpClient {
  readonly transaction: number;
  readonly mac: Uint8Array;
  readonly name: string;
  readonly vendorClass: string;
}

export function dhcpQuestion(
  client: DhcpClient,
  type: number,
  wish?: { readonly address: number; readonly server: number },
): Uint8Array {
  const writer = start(BOOT_REQUEST, client, 0, 0);
  option(writer, MESSAGE_TYPE, [type]);
  option(writer, CLIENT_ID, [1, ...client.mac]);
  if (wish) {
    option(writer, REQUESTED_ADDRESS, address(wish.address));
    option(writer, SERVER_ID, address(wish.server));
  }
  option(writer, HOST_NAME, ascii(client.name));
  option(writer, VENDOR_CLASS, ascii(client.vendorClass));
  option(writer, PARAMETER_LIST, WINDOWS_LIST);
  return end(writer);
}

export interface DhcpLease {
  readonly address: number;
  readonly server: number;
  readonly router: number;
  readonly dns: number;
}

export function dhcpAnswer(client: DhcpClient, type: number, lease: DhcpLease): Uint8Array {
  const writer = start(BOOT_REPLY, client, lease.address, lease.server);
  option(writer, MESSAGE_TYPE, [type]);
  option(writer, SERVER_ID, address(lease.server));
  option(writer, LEASE_TIME, address(28_800));
  option(writer, MASK, address(0xffff_ff00));
  option(writer, ROUTER, address(lease.router));
  option(writer, DNS, address(lease.dns));
  option(writer, DOMAIN, ascii('plant.example'));
  return end(writer);
}

function start(operation: number, client: DhcpClient, yours: number, server: number): ByteWriter {
  return new ByteWriter(LEAST_LENGTH)
    .u8(operation)
    .raw([1, 6, 0])
    .u32be(client.transaction)
    .u16be(0)
    .u16be(BROADCAST)
    .u32be(0)
    .u32be(yours)
    .u32be(server)
    .u32be(0)
    .raw(client.mac)
    .zeros(10 + 64 + 128)
    .u32be(MAGIC_COOKIE);
}

function option(writer: ByteWriter, code: number, value: Uint8Array | readonly number[]): void {
  writer.u8(code).u8(value.length).raw(value);
}

function address(value: number): Uint8Array {
  return new ByteWriter(4).u32be(value).finish();
}

function end(writer: ByteWriter): Uint8Array {
  writer.u8(END);
  return writer.zeros(Math.max(0, LEAST_LENGTH - writer.length)).finish();
}
