import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  type Operation,
  type PairKey,
  type Reading,
} from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { looksLikeFirmware } from '../../stack/file-names.ts';

/** Half a dozen are defined (RFC 2347 and its followers). */
const MOST_OPTIONS = 64;

interface Fields {
  readonly opcode: number;
  readonly file?: string;
  readonly mode?: string;
  readonly options?: readonly Option[];
  readonly block?: number;
  readonly errorCode?: number;
  readonly errorText?: string;
}

interface Option {
  readonly name: string;
  readonly value: string;
}

const OPERATIONS = defineOperations({
  readFile: ['read file', 'read'],
  writeFile: ['write file', 'write'],
  writeFirmware: ['write file that looks like firmware', 'firmware'],
  transfer: ['transfer block', 'session'],
  error: ['error', 'session'],
});

/** RFC 1350, section 5; RFC 2347. */
const READ = 1;
const WRITE = 2;
const DATA = 3;
const ACKNOWLEDGE = 4;
const ERROR = 5;
const OPTIONS = 6;
const MODES: ReadonlySet<string> = new Set(['netascii', 'octet', 'mail']);
const BIGGEST_ERROR = 8;

/** What answers a question: block 1 a read request, the acknowledgement of block 0 a write request. */
const ANSWERS_READ: PairKey = 1;
const ANSWERS_WRITE: PairKey = 0;

export const tftp = defineDissector<Fields>({
  name: 'tftp',
  title: 'TFTP',
  source: 'RFC 1350; RFC 2347',
  at: [{ udp: 69 }],
  operations: OPERATIONS,
  whole: false, // a block of data ends with its datagram
  fields: {
    opcode: '1 read, 2 write, 3 data, 4 acknowledgement, 5 error, 6 options accepted',
    file: 'Name of the file that is asked for or sent',
    mode: 'How the file is transferred',
    options: 'Options asked for or accepted',
    block: 'Number of the block',
    errorCode: 'Why the transfer ended',
    errorText: 'The same in words',
  },

  recognise(reader) {
    if (reader.peek() !== 0 || reader.remaining < 4) {
      return 'no';
    }
    switch (reader.peek(1)) {
      case READ:
      case WRITE:
        return isRequest(reader) ? 'strong' : 'no';
      case DATA:
        return 'weak';
      case ACKNOWLEDGE:
        return reader.remaining === 4 ? 'weak' : 'no';
      case ERROR:
        return reader.peek(2) === 0 && reader.peek(3) <= BIGGEST_ERROR ? 'weak' : 'no';
      case OPTIONS:
        return isLetter(reader.peek(2)) ? 'weak' : 'no';
      default:
        return 'no';
    }
  },

  read(reader, context) {
    const opcode = reader.u16be();
    switch (opcode) {
      case READ:
      case WRITE:
        return readRequest(reader, opcode);
      case DATA:
        return answer({ opcode, block: reader.u16be() }, ANSWERS_READ, context);
      case ACKNOWLEDGE:
        return answer({ opcode, block: reader.u16be() }, ANSWERS_WRITE, context);
      case OPTIONS: {
        const pair = context.question(ANSWERS_READ) ? ANSWERS_READ : ANSWERS_WRITE;
        return answer({ opcode, options: readOptions(reader) }, pair, context);
      }
      case ERROR: {
        const errorCode = reader.u16be();
        const errorText = reader.textZ();
        const pair = context.question(ANSWERS_READ) ? ANSWERS_READ : ANSWERS_WRITE;
        const refused = errorText || `error ${errorCode}`;
        return { ...answer({ opcode, errorCode, errorText }, pair, context), refused };
      }
      default:
        return reader.truncated ? answer({ opcode: DATA }, ANSWERS_READ, context) : new Malformed(`opcode ${opcode}`);
    }
  },
});

function readRequest(reader: Reader, opcode: number): Reading<Fields> | Malformed {
  const file = reader.textZ();
  const mode = reader.textZ().toLowerCase();
  if (!reader.truncated && !MODES.has(mode)) {
    return new Malformed('unknown mode of transfer');
  }
  const options = readOptions(reader);
  return {
    direction: 'request',
    operation: operationOf(opcode, file),
    fields: options.length > 0 ? { opcode, file, mode, options } : { opcode, file, mode },
    pair: opcode === READ ? ANSWERS_READ : ANSWERS_WRITE,
    like: file,
    target: file,
    proves: true,
  };
}

function operationOf(opcode: number, file: string): Operation {
  if (opcode === READ) {
    return OPERATIONS.readFile;
  }
  return looksLikeFirmware(file) ? OPERATIONS.writeFirmware : OPERATIONS.writeFile;
}

function readOptions(reader: Reader): readonly Option[] {
  const options: Option[] = [];
  reader.repeatToEnd(() => {
    if (options.length >= MOST_OPTIONS) {
      reader.exhausted = true;
      return;
    }
    options.push({ name: reader.textZ().toLowerCase(), value: reader.textZ() });
  });
  return options;
}

/** Only the first block or acknowledgement answers; those after it are the transfer itself. */
function answer(fields: Fields, pair: PairKey, context: Context): Reading<Fields> {
  const asked = context.question(pair);
  const answers = asked !== undefined && (fields.block === undefined || fields.block === pair);
  if (answers) {
    return { direction: 'response', operation: asked.operation, fields, pair };
  }
  const operation = fields.opcode === ERROR ? OPERATIONS.error : OPERATIONS.transfer;
  return { direction: 'report', operation, fields };
}

/** A file name in clear, then a mode that is one of the three, in any case. */
function isRequest(reader: Reader): boolean {
  let at = 2;
  while (reader.peek(at) >= 0x20) {
    at++;
  }
  if (at === 2 || reader.peek(at) !== 0) {
    return false;
  }
  const first = reader.peek(at + 1) | 0x20;
  const second = reader.peek(at + 2) | 0x20;
  return (
    (first === 0x6f && second === 0x63) || (first === 0x6e && second === 0x65) || (first === 0x6d && second === 0x61)
  );
}

function isLetter(octet: number): boolean {
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
