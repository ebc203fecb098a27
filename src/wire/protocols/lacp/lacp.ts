import { defineDissector, defineOperations, NOTHING, type Operation, type ReadingDraft } from '../../dissector.ts';
import { macText } from '../../format.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly subtype: number;
  readonly version?: number;
  readonly actorPriority?: number;
  readonly actorSystem?: string;
  readonly actorKey?: number;
  readonly actorPort?: number;
  readonly actorState?: number;
  readonly partnerPriority?: number;
  readonly partnerSystem?: string;
  readonly partnerKey?: number;
  readonly partnerPort?: number;
  readonly partnerState?: number;
  readonly transaction?: number;
}

type Draft = ReadingDraft<Fields>;

const OPERATIONS = defineOperations({
  aggregation: ['link aggregation', 'report'],
  marker: ['marker', 'session'],
  maintenance: ['link maintenance', 'report'],
  organisation: ['organisation message', 'report'],
  unknown: ['unknown subtype', 'unknown'],
});

/** IEEE 802.3, annex 57A: subtypes of the slow protocols. */
const LACP = 1;
const MARKER = 2;
const MAINTENANCE = 3;
const ORGANISATION = 10;
/** IEEE 802.1AX, sections 6.4.2 and 6.5.3: both have this length, subtype included. */
const LENGTH = 110;
const ACTOR = 1;
const PARTNER = 2;
const INFORMATION = 20;
const MARKER_LENGTH = 16;
const MARKER_RESPONSE = 2;
const MAC = 6;
const NO_SYSTEM = '00:00:00:00:00:00';
const SAID = 'said';

export const lacp = defineDissector<Fields>({
  name: 'lacp',
  title: 'Link aggregation (LACP) and other slow protocols',
  source: 'IEEE 802.1AX-2020, section 6.4; IEEE 802.3-2018, annex 57A',
  at: [{ ethertype: 0x8809 }],
  operations: OPERATIONS,
  fields: {
    subtype: 'Slow protocol: 1 link aggregation, 2 its marker, 3 link maintenance, 10 organisation',
    version: 'Version of the protocol',
    actorPriority: 'Priority of the sending system',
    actorSystem: 'MAC address by which the sending system is known',
    actorKey: 'Key that the sender gave the port; ports of one key may be joined',
    actorPort: 'Port that sent this',
    actorState:
      'Bits: 1 active, 2 short time-out, 4 may be joined, 8 in step, 16 collects, 32 distributes, 64 defaulted, 128 expired',
    partnerPriority: 'Priority of the other system, as the sender knows it',
    partnerSystem: 'MAC address of the other system; zeros where none is known',
    partnerKey: 'Key of the port at the other end',
    partnerPort: 'Port at the other end',
    partnerState: 'State of the other end, as the sender knows it',
    transaction: 'Number that pairs a marker with its answer',
  },
  // The other slow protocols have no length that all of them share.
  whole: false,

  recognise(reader) {
    return reader.remaining > 1 && operationOf(reader.peek(0)) !== OPERATIONS.unknown ? 'strong' : 'no';
  },

  read(reader) {
    const subtype = reader.u8();
    const reading: Draft = { direction: 'report', operation: operationOf(subtype), fields: { subtype } };
    if (subtype === LACP || subtype === MARKER) {
      reader.limit(LENGTH - 1);
      reading.fields.version = reader.u8();
      if (subtype === LACP) {
        readElements(reader, reading.fields);
      } else {
        readMarker(reader, reading);
      }
    }
    return reading;
  },

  observe({ fields }, context) {
    const { actorSystem, actorPort } = fields;
    if (actorSystem === undefined || actorSystem === NO_SYSTEM || context.recall(SAID)) {
      return NOTHING;
    }
    context.remember(SAID, true);
    return [{ kind: 'neighbour', subject: 'sender', chassis: actorSystem, port: `port ${actorPort ?? 0}` }];
  },
});

function operationOf(subtype: number): Operation {
  switch (subtype) {
    case LACP:
      return OPERATIONS.aggregation;
    case MARKER:
      return OPERATIONS.marker;
    case MAINTENANCE:
      return OPERATIONS.maintenance;
    case ORGANISATION:
      return OPERATIONS.organisation;
    default:
      return OPERATIONS.unknown;
  }
}

function readElements(reader: Reader, fields: Draft['fields']): void {
  while (reader.remaining >= 2 && reader.step()) {
    const type = reader.u8();
    const length = reader.u8();
    if (type === 0) {
      return;
    }
    const here = reader.sub(length - 2);
    reader.truncated ||= here.length < length - 2;
    if (length !== INFORMATION) {
      continue;
    }
    if (type === ACTOR) {
      fields.actorPriority = here.u16be();
      fields.actorSystem = macText(here.take(MAC));
      fields.actorKey = here.u16be();
      here.skip(2);
      fields.actorPort = here.u16be();
      fields.actorState = here.u8();
    } else if (type === PARTNER) {
      fields.partnerPriority = here.u16be();
      fields.partnerSystem = macText(here.take(MAC));
      fields.partnerKey = here.u16be();
      here.skip(2);
      fields.partnerPort = here.u16be();
      fields.partnerState = here.u8();
    }
  }
}

function readMarker(reader: Reader, reading: Draft): void {
  const { fields } = reading;
  const type = reader.u8();
  if (reader.u8() !== MARKER_LENGTH) {
    return;
  }
  const port = reader.u16be();
  const system = macText(reader.take(MAC));
  fields.transaction = reader.u32be();
  reading.pair = fields.transaction;
  reading.direction = type === MARKER_RESPONSE ? 'response' : 'request';
  // The answer repeats who asked.
  if (reading.direction === 'request') {
    fields.actorSystem = system;
    fields.actorPort = port;
  }
}
