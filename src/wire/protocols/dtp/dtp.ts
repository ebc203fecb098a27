import type { Mutable } from '../../../kit/mutable.ts';
import { defineDissector, defineOperations, Malformed, NOTHING } from '../../dissector.ts';
import { macText } from '../../format.ts';
import type { Reader } from '../../reader.ts';
import { readElements } from '../../stack/switch-elements.ts';

interface Fields {
  readonly version: number;
  readonly domain?: string;
  readonly status?: number;
  readonly type?: number;
  readonly senderMac?: string;
}

type Draft = Mutable<Fields>;

const OPERATIONS = defineOperations({
  negotiate: ['negotiate trunk', 'report'],
});

const VERSION = 1;
const DOMAIN = 1;
const STATUS = 2;
const TYPE = 3;
const SENDER = 4;
const MAC = 6;
const SAID = 'said';

export const dtp = defineDissector<Fields>({
  name: 'dtp',
  title: 'Dynamic Trunking Protocol',
  source: 'Public descriptions of Cisco DTP: version, then elements of type, length and value',
  at: [{ snap: 0x00000c2004 }],
  operations: OPERATIONS,
  // Elements run to the end of the frame.
  whole: false,
  fields: {
    version: 'Version of the protocol',
    domain: 'Domain in which switches share their VLANs',
    status: 'Whether the port is a trunk (128) and what it wants to be (low three bits)',
    type: 'How it tags (high three bits) and how it wants to tag (low three bits)',
    senderMac: 'MAC address of the port that sent this',
  },

  recognise(reader) {
    const type = (reader.peek(1) << 8) | reader.peek(2);
    return reader.peek(0) === VERSION && type >= DOMAIN && type <= SENDER ? 'strong' : 'no';
  },

  read(reader) {
    const fields: Draft = { version: reader.u8() };
    const fits = readElements(reader, (element, type) => readElement(element, type, fields));
    return fits
      ? { direction: 'report', operation: OPERATIONS.negotiate, fields }
      : new Malformed('an element shorter than its header');
  },

  observe(_, context) {
    if (context.recall(SAID)) {
      return NOTHING;
    }
    context.remember(SAID, true);
    const reason = 'negotiates trunks (DTP)';
    return [{ kind: 'role', subject: 'sender', role: 'switch', reason, basis: 'announcement' }];
  },
});

function readElement(element: Reader, type: number, fields: Draft): void {
  switch (type) {
    case DOMAIN:
      fields.domain ??= element.text(element.remaining).trim();
      break;
    case STATUS:
      fields.status ??= element.u8();
      break;
    case TYPE:
      fields.type ??= element.u8();
      break;
    case SENDER:
      fields.senderMac ??= macText(element.take(MAC));
      break;
    default:
  }
}
