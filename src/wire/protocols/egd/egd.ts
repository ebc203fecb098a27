import { type Context, defineDissector, defineOperations, Malformed, NOTHING } from '../../dissector.ts';
import { ipv4Text } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly producerId: string;
  readonly exchangeId: number;
  readonly requestId: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly status: number;
  readonly configSignature: number;
  /** Bytes of data behind the head; the head does not say how many there should be. */
  readonly length: number;
}

const OPERATIONS = defineOperations({
  produce: ['produce data', 'report'],
});

const PORT = 18_246;
const HEADER = 32;
/** Most bytes that one exchange holds. */
const LONGEST_DATA = 1400;
const DATA = 13;
const VERSION = 1;
const RESERVED = 28;
const NANOSECONDS = 1e9;

export const egd = defineDissector<Fields>({
  name: 'egd',
  title: 'Ethernet Global Data',
  source: 'GE Fanuc GFK-1541 and GFK-2224 (TCP/IP Ethernet communications)',
  at: [{ udp: PORT }],
  operations: OPERATIONS,
  fields: {
    producerId: 'Who produces it: an address that the producer has or had',
    exchangeId: 'Which of the exchanges of this producer',
    requestId: 'Grows by one with each message of the exchange',
    seconds: 'When the data was taken: seconds since 1970, or since power came on',
    nanoseconds: 'When the data was taken: nanoseconds of that second',
    status: 'State of production; 0 and 1 are no error',
    configSignature: 'Version of the layout of the data; 0 is unknown',
    length: 'Bytes of data',
  },
  whole: false,

  recognise(reader) {
    if (reader.remaining < HEADER || reader.remaining > HEADER + LONGEST_DATA) {
      return 'no';
    }
    return reader.peek(0) === DATA && reader.peek(1) === VERSION && hasPlausibleHead(reader) ? 'strong' : 'no';
  },

  read(reader) {
    const type = reader.u8();
    const version = reader.u8();
    if (type !== DATA || version !== VERSION) {
      return new Malformed(`type ${type}, version ${version} is no production of data`);
    }
    const requestId = reader.u16le();
    const producerId = ipv4Text(reader.u32be());
    const exchangeId = reader.u32le();
    const seconds = reader.u32le();
    const nanoseconds = reader.u32le();
    const status = reader.u32le();
    const configSignature = reader.u32le();
    reader.skip(HEADER - RESERVED);
    const length = reader.remaining;
    return {
      direction: 'report',
      operation: OPERATIONS.produce,
      like: exchangeId,
      fields: { producerId, exchangeId, requestId, seconds, nanoseconds, status, configSignature, length },
    };
  },

  observe: (reading, context) => (context.recall(TOLD) === true ? NOTHING : observe(reading.fields, context)),
});

/** A producer and an exchange that exist, a part of a second that is one, and the reserved bytes empty. */
function hasPlausibleHead(reader: Reader): boolean {
  reader.skip(4);
  const producer = reader.u32be();
  const exchange = reader.u32le();
  reader.skip(4);
  const nanoseconds = reader.u32le();
  reader.seek(RESERVED);
  const reserved = reader.u32le();
  return producer !== 0 && exchange !== 0 && nanoseconds < NANOSECONDS && reserved === 0;
}

const TOLD = 'egd';
/** A clock that was never set counts from when power came on; no such count reaches the year 2000. */
const YEAR_2000 = 946_684_800;

function observe({ seconds, nanoseconds }: Fields, context: Context): readonly Observation[] {
  context.remember(TOLD, true);
  const role: Observation = {
    kind: 'role',
    subject: 'sender',
    role: 'plc',
    reason: 'produces Ethernet Global Data',
    basis: 'hint',
  };
  return seconds < YEAR_2000
    ? [role]
    : [role, { kind: 'clock', stated: seconds * 1e6 + Math.floor(nanoseconds / 1000), source: 'EGD' }];
}
