import { ascii, ByteWriter } from '../frames/bytes.ts';

/** The opening of a remote desktop connection (MS-RDPBCGR 2.2.1.1 and 2.2.1.2); TLS follows. */
const CONNECTION_REQUEST = 0xe0;
const CONNECTION_CONFIRM = 0xd0;
const NEGOTIATION_REQUEST = 1;
const NEGOTIATION_RESPONSE = 2;
const PROTOCOL_TLS = 1;
const PROTOCOL_CREDSSP = 2;

export function connectionRequest(user: string): Uint8Array {
  const cookie = ascii(`Cookie: mstshash=${user}\r\n`);
  return x224(
    CONNECTION_REQUEST,
    new ByteWriter(64)
      .raw(cookie)
      .raw(negotiation(NEGOTIATION_REQUEST, PROTOCOL_TLS | PROTOCOL_CREDSSP))
      .finish(),
  );
}

export function connectionConfirm(): Uint8Array {
  return x224(CONNECTION_CONFIRM, negotiation(NEGOTIATION_RESPONSE, PROTOCOL_CREDSSP));
}

function negotiation(type: number, protocols: number): Uint8Array {
  return new ByteWriter(8).u8(type).u8(0).u16le(8).u32le(protocols).finish();
}

function x224(type: number, variable: Uint8Array): Uint8Array {
  return new ByteWriter(11 + variable.length)
    .u8(3)
    .u8(0)
    .u16be(11 + variable.length)
    .u8(6 + variable.length)
    .u8(type)
    .u16be(0)
    .u16be(type === CONNECTION_CONFIRM ? 0x1234 : 0)
    .u8(0)
    .raw(variable)
    .finish();
}
