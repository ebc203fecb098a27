import type { Mutable } from '../../../kit/mutable.ts';
import { type Context, defineDissector, defineOperations, Malformed, NOTHING, type Reading } from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { BROKEN, HEADER, readLength, readNumber, SIMULATED, startsApdu } from '../../stack/iec61850.ts';

interface Fields {
  readonly appId: number;
  readonly svId?: string;
  readonly sampleCount?: number;
  readonly confRev?: number;
  readonly synchronised?: number;
  readonly asdus?: number;
  readonly simulation?: boolean;
}

type Samples = Mutable<Fields>;

const OPERATIONS = defineOperations({
  publish: ['publish samples', 'report'],
  simulate: ['publish simulated samples', 'report'],
});

/** IEC 61850-9-2, section 8.5 and annex A: the PDU, and the elements of an ASDU. */
const SAMPLED_VALUES = 0x60;
const ASDU_COUNT = 0x80;
const SECURITY = 0x81;
const ASDUS = 0xa2;
const ASDU = 0x30;
const STREAM_ID = 0x80;
const SAMPLE_COUNT = 0x82;
const CONFIGURATION = 0x83;
const SYNCHRONISED = 0x85;
/** The sample count of the ASDU is behind what identifies the stream, and before its values. */
const FIRST_VALUE = 0x87;
/** A VisibleString129 of edition 2.1. */
const LONGEST_NAME = 160;

export const sv = defineDissector<Fields>({
  name: 'sv',
  title: 'IEC 61850 sampled values',
  source: 'IEC 61850-9-2 edition 2, section 8.5 and annex A',
  at: [{ ethertype: 0x88ba }],
  operations: OPERATIONS,
  fields: {
    appId: 'Application id, by which receivers filter',
    svId: 'Name of the stream as configured, from the first ASDU',
    sampleCount: 'Number of the first sample, which starts again each second',
    confRev: 'Revision of the configuration of the data set',
    synchronised: 'Clock behind the samples: 0 none, 1 local, 2 global, else that of an area',
    asdus: 'Samples in the message',
    simulation: 'The message comes from test equipment',
  },

  recognise(reader) {
    return startsApdu(reader, SAMPLED_VALUES) ? 'strong' : 'no';
  },

  read(reader) {
    const appId = reader.u16be();
    const length = reader.u16be();
    const simulation = (reader.u16be() & SIMULATED) !== 0;
    reader.skip(2);
    const tag = reader.u8();
    const size = readLength(reader);
    const samples: Samples = {
      appId,
      svId: '',
      sampleCount: -1,
      confRev: 0,
      synchronised: 0,
      asdus: 0,
      simulation,
    };
    if (reader.truncated) {
      return { direction: 'report', operation: OPERATIONS.publish, fields: { appId } };
    }
    if (length < HEADER || size === BROKEN || tag !== SAMPLED_VALUES) {
      return new Malformed('header is followed by no sampled values PDU of definite length');
    }
    // The element's own length decides: that of the header is off by a few octets in devices that work.
    const whole = reader.remaining >= size;
    reader.limit(size);
    if (readSamples(reader, samples, reader.position + size) && whole) {
      return new Malformed('no sample count, or an element longer than what holds it');
    }
    const operation = simulation ? OPERATIONS.simulate : OPERATIONS.publish;
    return { direction: 'report', operation, fields: samples };
  },

  observe,
});

/** To the values of the first ASDU; true where the bytes break the rules before. */
function readSamples(reader: Reader, samples: Samples, end: number): boolean {
  for (let tag = 0; tag !== ASDUS; ) {
    tag = reader.u8();
    const length = readLength(reader);
    if (length === BROKEN || reader.position + length > end) {
      return true;
    }
    if (tag === ASDU_COUNT) {
      samples.asdus = readNumber(reader, length);
    } else if (tag === SECURITY) {
      reader.skip(length);
    } else if (tag !== ASDUS) {
      return true;
    }
  }
  const tag = reader.u8();
  const length = readLength(reader);
  const last = reader.position + length;
  return tag !== ASDU || length === BROKEN || last > end || readAsdu(reader, samples, last);
}

function readAsdu(reader: Reader, samples: Samples, end: number): boolean {
  let before = 0;
  while (reader.position < end) {
    const tag = reader.u8();
    const length = readLength(reader);
    const next = reader.position + length;
    if (tag <= before || length === BROKEN || next > end) {
      return true;
    }
    if (tag >= FIRST_VALUE) {
      break;
    }
    before = tag;
    readElement(reader, samples, tag, length);
    reader.seek(next);
  }
  return samples.sampleCount === -1;
}

function readElement(reader: Reader, samples: Samples, tag: number, length: number): void {
  switch (tag) {
    case STREAM_ID:
      samples.svId = reader.text(length, 'utf-8', LONGEST_NAME);
      return;
    case SAMPLE_COUNT:
      samples.sampleCount = readNumber(reader, length);
      return;
    case CONFIGURATION:
      samples.confRev = readNumber(reader, length);
      return;
    case SYNCHRONISED:
      samples.synchronised = readNumber(reader, length);
      return;
    default:
  }
}

/** Once for each stream of a sender. What is simulated tells nothing of the plant. */
function observe(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const { appId, simulation = true } = reading.fields;
  if (simulation || context.recall(appId) === true) {
    return NOTHING;
  }
  context.remember(appId, true);
  return [{ kind: 'role', subject: 'sender', role: 'io', reason: 'publishes sampled values', basis: 'hint' }];
}
