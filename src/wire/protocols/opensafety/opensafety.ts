import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
} from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { frameLength, MANAGEMENT, openSafetyKind, PROCESS_DATA, SERVICE } from '../../stack/open-safety.ts';

interface Fields {
  readonly address: number;
  readonly id: number;
  readonly length: number;
}

const OPERATIONS = defineOperations({
  processData: ['safety data', 'report'],
  service: ['safety service', 'unknown'],
  management: ['safety network management', 'unknown'],
});

const BY_KIND: ReadonlyMap<number, Operation> = new Map([
  [PROCESS_DATA, OPERATIONS.processData],
  [SERVICE, OPERATIONS.service],
  [MANAGEMENT, OPERATIONS.management],
]);

const PORT = 9877;
const SERCOS_PORT = 8755;
const ADDRESS_HIGH_BITS = 0x03;
const ID_BITS = 0xfc;
const FROM_CLIENT = 'client';
const FROM_SERVER = 'server';
/** One right CRC may be chance on ports that others use, too. */
const ENOUGH = 3;
/** A frame begins within one Ethernet frame: trying a CRC at every place of a longer datagram takes long. */
const MOST_SEARCHED = 1500;

export const opensafety = defineDissector<Fields>({
  name: 'opensafety',
  title: 'openSAFETY',
  source: 'EPSG DSP 304, section 6',
  at: [{ udp: PORT }, { udp: SERCOS_PORT }],
  operations: OPERATIONS,
  fields: {
    address: 'Safety address that the frame names',
    id: 'Kind of frame; what it says is left alone',
    length: 'Bytes of safety data',
  },

  recognise(reader, { sourcePort, destinationPort }) {
    const own = [sourcePort, destinationPort].some((port) => port === PORT || port === SERCOS_PORT);
    return own && find(reader) >= 0 ? 'weak' : 'no';
  },

  read(reader, context) {
    const at = find(reader);
    if (at < 0) {
      return new Malformed('no safety frame');
    }
    const operation = BY_KIND.get(openSafetyKind(reader, at)) ?? OPERATIONS.management;
    reader.skip(at);
    const low = reader.u8();
    const id = reader.u8();
    const length = reader.u8();
    const heard = heardFrom(context);
    if (heard <= ENOUGH) {
      context.remember(context.fromClient ? FROM_CLIENT : FROM_SERVER, heard + 1);
    }
    const fields = { address: ((id & ADDRESS_HIGH_BITS) << 8) | low, id: id & ID_BITS, length };
    return { direction: 'report', operation, fields };
  },

  observe(_reading, context) {
    if (heardFrom(context) !== ENOUGH) {
      return NOTHING;
    }
    const reason = 'exchanges openSAFETY frames';
    return [{ kind: 'role', subject: 'sender', role: 'safety', reason, basis: 'announcement' }];
  },
});

/** Frames of this sender so far. */
function heardFrom(context: Context): number {
  const heard = context.recall(context.fromClient ? FROM_CLIENT : FROM_SERVER);
  return typeof heard === 'number' ? heard : 0;
}

function find(reader: Reader): number {
  const last = Math.min(reader.remaining, MOST_SEARCHED);
  for (let at = 0; at < last; at++) {
    if (frameLength(reader, at, reader.remaining) > 0) {
      return at;
    }
  }
  return -1;
}
