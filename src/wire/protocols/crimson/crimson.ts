import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Reading,
} from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly register: number;
  readonly type: number;
  maker?: string;
  model?: string;
}

type Message = Mutable<Reading<Fields>>;

const OPERATIONS = defineOperations({
  identify: ['identify', 'discover'],
  unknown: ['unknown type', 'unknown'],
});

const PORT = 789;
/** Length of what follows, then register and type, all big endian. */
const HEADER = 6;
const LEAST_LENGTH = 4;

const MAKER = 0x012b;
const MODEL = 0x012a;
const ASK_MAKER = 0x1b00;
const ASK_MODEL = 0x1a00;
const TEXT = 0x0300;
const MAKER_KEY = 'crimson maker';
const MODEL_KEY = 'crimson model';
/** Nothing in a message says which question it answers; they come in turn. */
const ONE_AT_A_TIME = 0;

export const crimson = defineDissector<Fields>({
  name: 'crimson',
  title: 'Crimson 3',
  source: 'Public research on port 789 of panels of Red Lion; there is no published specification',
  at: [{ tcp: PORT }],
  operations: OPERATIONS,
  fields: {
    register: 'Register that is asked for or told',
    type: 'Kind of message',
    maker: 'Maker of the panel, as it says',
    model: 'Model of the panel, as it says',
  },

  cut(reader) {
    if (reader.remaining < 2) {
      return MORE;
    }
    return lengthOf(reader) < LEAST_LENGTH ? NOT_MINE : 2 + lengthOf(reader);
  },

  recognise(reader, context) {
    if (reader.remaining < HEADER || lengthOf(reader) < LEAST_LENGTH || lengthOf(reader) + 2 > reader.remaining) {
      return 'no';
    }
    if (isIdentification(reader)) {
      return 'strong';
    }
    // A length alone tells nothing: DNS over TCP starts with one as well.
    return context.sourcePort === PORT || context.destinationPort === PORT ? 'weak' : 'no';
  },

  read(reader, context) {
    const length = reader.u16be();
    if (!reader.truncated && length < LEAST_LENGTH) {
      return new Malformed(`a message of ${length} bytes`);
    }
    reader.limit(length);
    const register = reader.u16be();
    const type = reader.u16be();
    const asked = context.question(ONE_AT_A_TIME);
    const message: Message = {
      direction: context.fromClient ? 'request' : 'response',
      operation: asksIdentity(register, type) ? OPERATIONS.identify : OPERATIONS.unknown,
      pair: ONE_AT_A_TIME,
      like: register * 0x1_0000 + type,
      fields: { register, type },
    };
    if (message.direction === 'response') {
      const tells = type === TEXT && (register === MAKER || register === MODEL);
      message.operation = asked?.operation ?? (tells ? OPERATIONS.identify : OPERATIONS.unknown);
      if (tells) {
        message.fields[register === MAKER ? 'maker' : 'model'] = reader.text(reader.remaining, 'latin-1').trim();
      }
    }
    return message;
  },

  observe({ fields }, context) {
    const { maker, model } = fields;
    if (maker && isNews(context, MAKER_KEY, maker)) {
      return [identityOf({ vendor: maker })];
    }
    return model && isNews(context, MODEL_KEY, model) ? [identityOf({ product: model })] : NOTHING;
  },
});

function lengthOf(reader: Reader): number {
  return peek16(reader, 0);
}

function peek16(reader: Reader, at: number): number {
  return (reader.peek(at) << 8) | reader.peek(at + 1);
}

function asksIdentity(register: number, type: number): boolean {
  return (register === MAKER && type === ASK_MAKER) || (register === MODEL && type === ASK_MODEL);
}

/** One of the two questions, or a text that ends with its message. */
function isIdentification(reader: Reader): boolean {
  const length = lengthOf(reader);
  const register = peek16(reader, 2);
  const type = peek16(reader, 4);
  if (asksIdentity(register, type)) {
    return length === LEAST_LENGTH;
  }
  return type === TEXT && (register === MAKER || register === MODEL) && isText(reader, HEADER, length + 1);
}

/** Printable letters between these places, and a NUL byte behind them. */
function isText(reader: Reader, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    const letter = reader.peek(at);
    if (letter < 0x20 || letter > 0x7e) {
      return false;
    }
  }
  return end > from && reader.peek(end) === 0;
}

function isNews(context: Context, key: string, value: string): boolean {
  if (context.recall(key) === value) {
    return false;
  }
  context.remember(key, value);
  return true;
}

function identityOf(said: { readonly vendor?: string; readonly product?: string }): Observation {
  return { kind: 'identity', subject: 'sender', basis: 'identification', ...known(said) };
}
