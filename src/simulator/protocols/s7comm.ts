import { ByteWriter } from '../frames/bytes.ts';

/** TPKT (RFC 1006), COTP class 0 (ISO 8073) and S7comm over them. */
const JOB = 1;
const ACK_DATA = 3;
const USER_DATA = 7;

const READ_VAR = 0x04;
const WRITE_VAR = 0x05;
const BYTE_TYPE = 0x02;
/** Length of the data that follows is counted in bits. */
const COUNTED_IN_BITS = 0x04;
const OCTET_STRING = 0x09;
const SUCCESS = 0xff;
const TPDU_SIZE_1024 = 0x0a;

export interface S7Item {
  readonly area: number;
  readonly db: number;
  readonly start: number;
  readonly length: number;
}

const COTP_CLIENT_REFERENCE = 0x0001;

function tpkt(body: Uint8Array): Uint8Array {
  return new ByteWriter(4 + body.length)
    .u8(3)
    .u8(0)
    .u16be(4 + body.length)
    .raw(body)
    .finish();
}

export function cotpConnect(localTsap: number, remoteTsap: number): Uint8Array {
  return cotpConnection(0xe0, { destination: 0, source: COTP_CLIENT_REFERENCE, localTsap, remoteTsap });
}

export function cotpConfirm(localTsap: number, remoteTsap: number): Uint8Array {
  return cotpConnection(0xd0, { destination: COTP_CLIENT_REFERENCE, source: 0x0014, localTsap, remoteTsap });
}

function cotpConnection(
  type: number,
  part: {
    readonly destination: number;
    readonly source: number;
    readonly localTsap: number;
    readonly remoteTsap: number;
  },
): Uint8Array {
  return tpkt(
    new ByteWriter(18)
      .u8(17)
      .u8(type)
      .u16be(part.destination)
      .u16be(part.source)
      .u8(0)
      .raw([0xc0, 1, TPDU_SIZE_1024])
      .raw([0xc1, 2])
      .u16be(part.localTsap)
      .raw([0xc2, 2])
      .u16be(part.remoteTsap)
      .finish(),
  );
}

interface S7Message {
  readonly reference: number;
  readonly parameters: Uint8Array;
  readonly data?: Uint8Array;
}

function s7(rosctr: number, { reference, parameters, data = NOTHING }: S7Message): Uint8Array {
  const writer = new ByteWriter(32 + parameters.length + data.length)
    .raw([0x02, 0xf0, 0x80, 0x32])
    .u8(rosctr)
    .u16be(0)
    .u16be(reference)
    .u16be(parameters.length)
    .u16be(data.length);
  if (rosctr === ACK_DATA) {
    writer.u16be(0);
  }
  return tpkt(writer.raw(parameters).raw(data).finish());
}

const NOTHING = new Uint8Array(0);

export function setupRequest(reference: number, pduLength: number): Uint8Array {
  return s7(JOB, { reference, parameters: setup(pduLength) });
}

export function setupResponse(reference: number, pduLength: number): Uint8Array {
  return s7(ACK_DATA, { reference, parameters: setup(pduLength) });
}

function setup(pduLength: number): Uint8Array {
  return new ByteWriter(8).u8(0xf0).u8(0).u16be(1).u16be(1).u16be(pduLength).finish();
}

export function readVarRequest(reference: number, items: readonly S7Item[]): Uint8Array {
  return s7(JOB, { reference, parameters: itemList(READ_VAR, items) });
}

export function readVarResponse(reference: number, values: readonly Uint8Array[]): Uint8Array {
  const data = new ByteWriter(128);
  for (const [index, value] of values.entries()) {
    data
      .u8(SUCCESS)
      .u8(COUNTED_IN_BITS)
      .u16be(value.length * 8)
      .raw(value);
    if (value.length % 2 === 1 && index < values.length - 1) {
      data.u8(0);
    }
  }
  return s7(ACK_DATA, { reference, parameters: Uint8Array.of(READ_VAR, values.length), data: data.finish() });
}

export function writeVarRequest(reference: number, item: S7Item, value: Uint8Array): Uint8Array {
  const data = new ByteWriter(4 + value.length)
    .u8(0)
    .u8(COUNTED_IN_BITS)
    .u16be(value.length * 8)
    .raw(value)
    .finish();
  return s7(JOB, { reference, parameters: itemList(WRITE_VAR, [item]), data });
}

export function writeVarResponse(reference: number): Uint8Array {
  return s7(ACK_DATA, { reference, parameters: Uint8Array.of(WRITE_VAR, 1), data: Uint8Array.of(SUCCESS) });
}

function itemList(code: number, items: readonly S7Item[]): Uint8Array {
  const writer = new ByteWriter(2 + items.length * 12).u8(code).u8(items.length);
  for (const item of items) {
    writer
      .raw([0x12, 0x0a, 0x10, BYTE_TYPE])
      .u16be(item.length)
      .u16be(item.db)
      .u8(item.area)
      .u24be(item.start * 8);
  }
  return writer.finish();
}

const CPU_FUNCTIONS = 4;
const READ_SZL = 1;

export function szlRequest(reference: number, id: number, index: number): Uint8Array {
  return s7(USER_DATA, {
    reference,
    parameters: Uint8Array.of(0, 1, 0x12, 4, 0x11, 0x40 | CPU_FUNCTIONS, READ_SZL, 0),
    data: new ByteWriter(8).u8(SUCCESS).u8(OCTET_STRING).u16be(4).u16be(id).u16be(index).finish(),
  });
}

export function szlResponse(
  reference: number,
  szl: { readonly id: number; readonly index: number; readonly records: readonly Uint8Array[] },
): Uint8Array {
  const body = new ByteWriter(256)
    .u16be(szl.id)
    .u16be(szl.index)
    .u16be(szl.records[0]?.length ?? 0)
    .u16be(szl.records.length);
  for (const record of szl.records) {
    body.raw(record);
  }
  const bytes = body.finish();
  return s7(USER_DATA, {
    reference,
    parameters: Uint8Array.of(0, 1, 0x12, 8, 0x12, 0x80 | CPU_FUNCTIONS, READ_SZL, 1, 0, 0, 0, 0),
    data: new ByteWriter(4 + bytes.length).u8(SUCCESS).u8(OCTET_STRING).u16be(bytes.length).raw(bytes).finish(),
  });
}

/** SZL 0x0011, module identification: order number and firmware. */
export function moduleIdentification(orderNumber: string, firmware: string): readonly Uint8Array[] {
  const [major = 0, minor = 0, patch = 0] = firmware.replace(/^V/, '').split('.').map(Number);
  const record = (index: number, first: number, second: number) =>
    new ByteWriter(28).u16be(index).asciiFixed(orderNumber, 20).u16be(0x00c0).u16be(first).u16be(second).finish();
  const version = 0x56; // the letter V
  return [record(1, 4, 1), record(6, 4, 1), record(7, (version << 8) | major, (minor << 8) | patch)];
}

/** SZL 0x001C, component identification: names and serial number. */
export function componentIdentification(part: {
  readonly station: string;
  readonly module: string;
  readonly serial: string;
  readonly type: string;
}): readonly Uint8Array[] {
  const record = (index: number, text: string) => new ByteWriter(34).u16be(index).asciiFixed(text, 32, 0).finish();
  return [
    record(1, part.station),
    record(2, part.module),
    record(4, 'Original Siemens Equipment'),
    record(5, part.serial),
    record(7, part.type),
  ];
}

const RUN = 8;
const STOP = 3;

/** SZL 0x0424, operating mode. */
export function operatingMode(mode: 'run' | 'stop'): readonly Uint8Array[] {
  return [
    new ByteWriter(20)
      .u16be(0x5100)
      .u8(0xff)
      .u8(mode === 'run' ? RUN : STOP)
      .zeros(16)
      .finish(),
  ];
}

const PROGRAM_SERVICE = 'P_PROGRAM';
export const PLC_STOP = 0x29;
export const PI_SERVICE = 0x28;

export function stopRequest(reference: number): Uint8Array {
  const parameters = new ByteWriter(16).u8(PLC_STOP).zeros(5).u8(PROGRAM_SERVICE.length).ascii(PROGRAM_SERVICE);
  return s7(JOB, { reference, parameters: parameters.finish() });
}

/** Warm restart, or any other program invocation with its argument. */
function invocationRequest(reference: number, service: string, argument: Uint8Array): Uint8Array {
  const parameters = new ByteWriter(40)
    .u8(PI_SERVICE)
    .zeros(6)
    .u8(0xfd)
    .u16be(argument.length)
    .raw(argument)
    .u8(service.length)
    .ascii(service);
  return s7(JOB, { reference, parameters: parameters.finish() });
}

export function startRequest(reference: number): Uint8Array {
  return invocationRequest(reference, PROGRAM_SERVICE, NOTHING);
}

/** The block goes from the passive into the active file system: only now it runs. */
export function activateRequest(reference: number, block: string): Uint8Array {
  const argument = new ByteWriter(10).u8(1).u8(0).ascii(block).ascii('P').finish();
  return invocationRequest(reference, '_INSE', argument);
}

/** Acknowledges a function that has nothing to return. */
export function acknowledgement(reference: number, code: number): Uint8Array {
  return s7(ACK_DATA, { reference, parameters: Uint8Array.of(code) });
}

const REQUEST_DOWNLOAD = 0x1a;
const DOWNLOAD_BLOCK = 0x1b;
const DOWNLOAD_ENDED = 0x1c;
const START_UPLOAD = 0x1d;
const UPLOAD = 0x1e;
const END_UPLOAD = 0x1f;

/** `block` is type and number, such as `0800001` for OB 1 or `0A00012` for DB 12. */
function fileParameters(code: number, block: string): ByteWriter {
  const name = `_${block}P`;
  return new ByteWriter(32).u8(code).u8(0).u16be(0x0100).u32be(0).u8(name.length).ascii(name);
}

export function downloadRequest(reference: number, block: string, length: number): Uint8Array {
  const loadMemory = String(length + 36).padStart(6, '0');
  const workMemory = String(length).padStart(6, '0');
  const parameters = fileParameters(REQUEST_DOWNLOAD, block).u8(13).ascii(`1${loadMemory}${workMemory}`).finish();
  return s7(JOB, { reference, parameters });
}

export function downloadAccepted(reference: number): Uint8Array {
  return acknowledgement(reference, REQUEST_DOWNLOAD);
}

/** The controller itself fetches the block part by part. */
export function blockRequest(reference: number, block: string): Uint8Array {
  return s7(JOB, { reference, parameters: fileParameters(DOWNLOAD_BLOCK, block).finish() });
}

export function blockPart(reference: number, part: Uint8Array, more: boolean): Uint8Array {
  return s7(ACK_DATA, {
    reference,
    parameters: Uint8Array.of(DOWNLOAD_BLOCK, more ? 1 : 0),
    data: new ByteWriter(4 + part.length).u16be(part.length).u16be(0x00fb).raw(part).finish(),
  });
}

export function downloadEndedRequest(reference: number, block: string): Uint8Array {
  return s7(JOB, { reference, parameters: fileParameters(DOWNLOAD_ENDED, block).finish() });
}

export function downloadEndedResponse(reference: number): Uint8Array {
  return acknowledgement(reference, DOWNLOAD_ENDED);
}

/** Upload: the block leaves the controller. */
export function uploadStart(reference: number, block: string): Uint8Array {
  const name = `_${block}A`;
  const parameters = new ByteWriter(32).u8(START_UPLOAD).u8(0).u16be(0).u32be(0).u8(name.length).ascii(name);
  return s7(JOB, { reference, parameters: parameters.finish() });
}

export function uploadStarted(reference: number, upload: number, length: number): Uint8Array {
  const size = String(length).padStart(7, '0');
  const parameters = new ByteWriter(16).u8(START_UPLOAD).u8(0).u16be(0x0100).u32be(upload).u8(7).ascii(size);
  return s7(ACK_DATA, { reference, parameters: parameters.finish() });
}

export function uploadRequest(reference: number, upload: number): Uint8Array {
  return s7(JOB, { reference, parameters: new ByteWriter(8).u8(UPLOAD).u8(0).u16be(0).u32be(upload).finish() });
}

export function uploadPart(reference: number, part: Uint8Array, more: boolean): Uint8Array {
  return s7(ACK_DATA, {
    reference,
    parameters: Uint8Array.of(UPLOAD, more ? 1 : 0),
    data: new ByteWriter(4 + part.length).u16be(part.length).u16be(0x00fb).raw(part).finish(),
  });
}

export function uploadEnd(reference: number, upload: number): Uint8Array {
  return s7(JOB, { reference, parameters: new ByteWriter(8).u8(END_UPLOAD).u8(0).u16be(0).u32be(upload).finish() });
}

export function uploadEnded(reference: number): Uint8Array {
  return acknowledgement(reference, END_UPLOAD);
}
