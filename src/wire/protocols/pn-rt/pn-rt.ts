import { defineDissector, defineOperations, type Operation, type Reading } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { FIRST_DCP_FRAME, isPtcpFrame, LAST_DCP_FRAME } from '../../stack/profinet.ts';

interface Fields {
  readonly frameId: number;
  readonly cycleCounter?: number;
  readonly dataStatus?: number;
  readonly sequence?: number;
  readonly pduType?: number;
  readonly alarmType?: number;
  readonly slot?: number;
  readonly subslot?: number;
  readonly moduleIdent?: number;
  readonly submoduleIdent?: number;
  readonly specifier?: number;
  readonly status?: number;
}

const OPERATIONS = defineOperations({
  cyclic: ['cyclic data', 'report'],
  alarm: ['alarm', 'report'],
  alarmTransport: ['alarm transport', 'report'],
  alarmAcknowledge: ['alarm acknowledgement', 'report'],
  abort: ['abort connection', 'session'],
  fragment: ['fragment', 'report'],
  service: ['remote service', 'unknown'],
  clock: ['clock synchronisation', 'report'],
  unknown: ['unknown frame', 'unknown'],
});

/** IEC 61158-6-10, section 4.2.1 (frame ids): the first id that is no longer cyclic, and those of single meaning. */
const FIRST_CYCLIC = 0x0100;
const END_OF_CYCLIC = 0xfc00;
const FIRST_FRAGMENT = 0xff80;
const LAST_FRAGMENT = 0xff8f;
const ALARM_HIGH = 0xfc01;
const ALARM_LOW = 0xfe01;
const SERVICE = 0xfe02;

const UDP_PORT = 34962;
const FIRST_DATAGRAM = 0x8000;
const APDU_STATUS = 4;

/** Section 4.5.1 (RTA-PDU types). */
const DATA_PDU = 1;
const ERROR_PDU = 4;
const PDU_TYPE_BITS = 0x0f;
/** Section 5.2.1 (block types). */
const ALARM_NOTIFICATION_HIGH = 0x0001;
const ALARM_NOTIFICATION_LOW = 0x0002;
const ALARM_ACK_HIGH = 0x8001;
const ALARM_ACK_LOW = 0x8002;
const BLOCK_HEADER_REST = 2;

/** Section 5.2.6 (PNIO status): why the connection was aborted, by the last byte of the status. */
const ABORT_CLASS = 0xcf81fd;
const ABORTS: readonly (string | undefined)[] = [
  undefined,
  'sequence numbers out of step',
  'instance closed',
  'out of memory',
  'provider or consumer could not be added',
  'watchdog of the cyclic data expired',
  'connection set-up timed out',
  'alarm channel could not be opened',
  'alarm could not be sent',
  'alarm acknowledgement could not be sent',
  'alarm too long',
  'error alarm received',
  'remote call failed',
  'aborted by the application',
  'connected again',
  'release received',
  'device deactivated',
];

export const pnRt = defineDissector<Fields>({
  name: 'pn_rt',
  title: 'PROFINET real-time',
  source: 'IEC 61158-6-10, sections 4.2 (frame ids), 4.5 (alarms), 4.7 (cyclic data)',
  at: [{ ethertype: 0x8892 }, { udp: UDP_PORT }],
  operations: OPERATIONS,
  fields: {
    frameId: 'What the frame holds; for cyclic data also which connection it belongs to',
    cycleCounter: 'Time of the cycle in units of 31.25 µs, in cyclic data only',
    dataStatus: 'Bits: 1 primary, 4 data valid, 16 provider runs, 32 no problem; in cyclic data only',
    sequence: 'Number of the alarm message',
    pduType: 'Kind of alarm frame: 1 data, 2 not acknowledged, 3 acknowledged, 4 error',
    alarmType: 'What the alarm is about, such as 1 diagnosis, 2 process, 3 pull, 4 plug',
    slot: 'Slot that the alarm is about',
    subslot: 'Subslot that the alarm is about',
    moduleIdent: 'Kind of the module in the slot, as numbered by its maker',
    submoduleIdent: 'Kind of the submodule in the subslot, as numbered by its maker',
    specifier: 'Sequence number and diagnosis bits of the alarm',
    status: 'Why an alarm was refused or the connection aborted; 0 where all is well',
  },
  whole: false,

  recognise(reader, context) {
    const frameId = (reader.peek(0) << 8) | reader.peek(1);
    const isDcp = frameId >= FIRST_DCP_FRAME && frameId <= LAST_DCP_FRAME;
    if (reader.remaining < 2 || isDcp) {
      return 'no';
    }
    if (context.transport === 'ethernet') {
      return 'strong';
    }
    // Over UDP there are only cyclic data of classes without a schedule, and alarms: too few marks for any other port.
    const known = frameId >= FIRST_DATAGRAM && frameId <= ALARM_LOW;
    return known && (context.destinationPort === UDP_PORT || context.sourcePort === UDP_PORT) ? 'weak' : 'no';
  },

  read(reader) {
    const frameId = reader.u16be();
    if (frameId >= FIRST_CYCLIC && frameId < END_OF_CYCLIC) {
      // The status lies at the very end, behind data and padding.
      reader.expect(APDU_STATUS);
      reader.seek(Math.max(2, reader.length - APDU_STATUS));
      const cycleCounter = reader.u16be();
      const dataStatus = reader.u8();
      return { direction: 'report', operation: OPERATIONS.cyclic, fields: { frameId, cycleCounter, dataStatus } };
    }
    if (frameId === ALARM_HIGH || frameId === ALARM_LOW) {
      return readAlarm(reader, frameId);
    }
    if (isPtcpFrame(frameId)) {
      // Its own protocol (section 4.4) reads it, the frame id included: that tells which of its messages it is.
      const carries = [{ from: 0, length: reader.length }];
      return { direction: 'report', operation: OPERATIONS.clock, envelope: true, fields: { frameId }, carries };
    }
    return { direction: 'report', operation: acyclicOperation(frameId), fields: { frameId } };
  },
});

function acyclicOperation(frameId: number): Operation {
  if (frameId >= FIRST_FRAGMENT && frameId <= LAST_FRAGMENT) {
    return OPERATIONS.fragment;
  }
  return frameId === SERVICE ? OPERATIONS.service : OPERATIONS.unknown;
}

function readAlarm(reader: Reader, frameId: number): Reading<Fields> {
  reader.skip(4); // endpoints
  const pduType = reader.u8() & PDU_TYPE_BITS;
  reader.skip(1); // window
  const sequence = reader.u16be();
  reader.skip(2); // acknowledged sequence
  reader.limit(reader.u16be());
  const fields = { frameId, sequence, pduType };
  if (pduType === ERROR_PDU) {
    const status = reader.u32be();
    return {
      direction: 'report',
      operation: OPERATIONS.abort,
      refused: abortText(status),
      fields: { ...fields, status },
    };
  }
  return pduType === DATA_PDU
    ? readAlarmBlock(reader, fields)
    : { direction: 'report', operation: OPERATIONS.alarmTransport, fields };
}

/** Section 5.2.1: an alarm, or what its receiver made of it. */
function readAlarmBlock(reader: Reader, head: Pick<Fields, 'frameId' | 'sequence' | 'pduType'>): Reading<Fields> {
  const blockType = reader.u16be();
  reader.limit(reader.u16be());
  const notification = blockType === ALARM_NOTIFICATION_HIGH || blockType === ALARM_NOTIFICATION_LOW;
  if (!notification && blockType !== ALARM_ACK_HIGH && blockType !== ALARM_ACK_LOW) {
    return { direction: 'report', operation: OPERATIONS.alarmTransport, fields: head };
  }
  reader.skip(BLOCK_HEADER_REST);
  const alarmType = reader.u16be();
  reader.skip(4); // application process
  const slot = reader.u16be();
  const subslot = reader.u16be();
  const place = { ...head, alarmType, slot, subslot };
  const target = `slot ${slot}/${subslot}`;
  if (notification) {
    const module = { moduleIdent: reader.u32be(), submoduleIdent: reader.u32be(), specifier: reader.u16be() };
    return { direction: 'report', operation: OPERATIONS.alarm, target, fields: { ...place, ...module } };
  }
  const specifier = reader.u16be();
  const status = reader.u32be();
  const answer: Reading<Fields> = {
    direction: 'report',
    operation: OPERATIONS.alarmAcknowledge,
    target,
    fields: { ...place, specifier, status },
  };
  return status === 0 ? answer : { ...answer, refused: abortText(status) };
}

function abortText(status: number): string {
  const known = status >>> 8 === ABORT_CLASS ? ABORTS[status & 0xff] : undefined;
  return known ?? `PROFINET status 0x${status.toString(16).padStart(8, '0')}`;
}
