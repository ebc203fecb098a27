import type { Context, Operation } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { readLength, readText, skipData } from './data.ts';
import { type CosemObject, type Draft, type Fields, OPERATIONS, refuse } from './fields.ts';

/** Clause 8.3: the kinds of GET, SET and ACTION, which lists and blocks tell apart. */
const NORMAL = 1;
const NEXT = 2;
const GET_LIST = 3;
const GET_BLOCK = 2;
const SET_FIRST_BLOCK = 2;
const SET_BLOCK = 3;
const SET_LIST = 4;
const SET_LIST_BLOCK = 5;
const SET_ANSWER_BLOCK = 2;
const SET_ANSWER_LAST = 3;
const SET_ANSWER_LAST_LIST = 4;
const SET_ANSWER_LIST = 5;
const ACTION_LIST = 3;
const ACTION_FIRST_BLOCK = 4;
const ACTION_LIST_BLOCK = 5;
const ACTION_BLOCK = 6;
const ACTION_ANSWER_BLOCK = 2;
const ACTION_ANSWER_NEXT = 4;

/** Interface classes whose methods do more than act on the process (IEC 62056-6-2). */
const ASSOCIATION_SHORT = 12;
const ASSOCIATION = 15;
const IMAGE_TRANSFER = 18;
const SECURITY_SETUP = 64;
const REPLY_TO_AUTHENTICATION = 1;
const SHORT_REPLY_TO_AUTHENTICATION = 8;

const OBIS = 6;
const MOST_OBJECTS = 1024;
/** Values longer than this name no device; the text of a list stays in bounds with it. */
const MOST_VALUES = 64;

const DATA = 0;

/** What a GET, SET or ACTION asks for. */
export function readRequest(reader: Reader, draft: Draft, operation: Operation): void {
  const { choice = 0 } = draft.fields;
  const last = operation === OPERATIONS.get ? GET_LIST : operation === OPERATIONS.set ? SET_LIST_BLOCK : ACTION_BLOCK;
  if (choice < NORMAL || choice > last) {
    draft.operation = OPERATIONS.unknown;
  } else if (operation === OPERATIONS.get) {
    readGet(reader, draft, choice);
  } else if (operation === OPERATIONS.set) {
    readSet(reader, draft, choice);
  } else {
    readAction(reader, draft, choice);
  }
}

function readGet(reader: Reader, draft: Draft, choice: number): void {
  if (choice === NEXT) {
    draft.operation = OPERATIONS.getNext;
    draft.fields.block = reader.u32be();
  } else {
    readObjects(reader, draft, choice === GET_LIST, true);
  }
}

function readSet(reader: Reader, draft: Draft, choice: number): void {
  if (choice !== SET_BLOCK) {
    readObjects(reader, draft, choice === SET_LIST || choice === SET_LIST_BLOCK, true);
  }
  if (choice === SET_FIRST_BLOCK || choice === SET_BLOCK || choice === SET_LIST_BLOCK) {
    readBlock(reader, draft.fields);
  }
}

function readAction(reader: Reader, draft: Draft, choice: number): void {
  if (choice === NEXT) {
    draft.operation = OPERATIONS.nextBlock;
    draft.fields.block = reader.u32be();
    return;
  }
  if (choice === ACTION_BLOCK) {
    draft.operation = OPERATIONS.nextBlock;
  } else {
    readObjects(reader, draft, choice === ACTION_LIST || choice === ACTION_LIST_BLOCK, false);
    draft.operation = actionOf(draft.fields);
  }
  if (choice >= ACTION_FIRST_BLOCK && choice <= ACTION_BLOCK) {
    readBlock(reader, draft.fields);
  }
}

/** Of a list the first counts that is more than an action. */
function actionOf({ classId = 0, method = 0, objects = [] }: Fields): Operation {
  for (const one of objects) {
    const operation = methodOf(one.classId, one.attribute);
    if (operation !== OPERATIONS.action) {
      return operation;
    }
  }
  return methodOf(classId, method);
}

function methodOf(classId: number, method: number): Operation {
  switch (classId) {
    case IMAGE_TRANSFER:
      return OPERATIONS.transferImage;
    case SECURITY_SETUP:
      return OPERATIONS.changeSecret;
    case ASSOCIATION:
      return method === REPLY_TO_AUTHENTICATION ? OPERATIONS.authenticate : OPERATIONS.changeSecret;
    case ASSOCIATION_SHORT:
      return method === SHORT_REPLY_TO_AUTHENTICATION ? OPERATIONS.authenticate : OPERATIONS.changeSecret;
    default:
      return OPERATIONS.action;
  }
}

/** One attribute or method, or a list of them; attributes with what is selected of them. */
function readObjects(reader: Reader, draft: Draft, isList: boolean, attributes: boolean): void {
  const { fields } = draft;
  if (!isList) {
    readObject(reader, fields, attributes);
    if (attributes) {
      skipSelection(reader);
    }
  } else {
    const objects: CosemObject[] = [];
    let known = true;
    reader.repeat(readLength(reader), () => {
      if (!known) {
        reader.skip(1);
        return;
      }
      const one: Draft['fields'] = { source: 0, destination: 0, apdu: 0 };
      readObject(reader, one, attributes);
      keepObject(one, objects);
      known = !attributes || skipSelection(reader);
    });
    fields.objects = objects;
  }
  const [first] = fields.objects ?? [];
  draft.target = fields.object ?? first?.object ?? '';
}

export function readObject(reader: Reader, fields: Draft['fields'], attributes: boolean): void {
  fields.classId = reader.u16be();
  fields.object = Array.from(reader.take(OBIS)).join('.');
  const number = reader.u8();
  if (attributes) {
    fields.attribute = number;
  } else {
    fields.method = number;
  }
}

/** Clause 8.3.7: get, set, action, then get and set of a selection; the gravest names the message. */
const ACCESSES: readonly (Operation | undefined)[] = [
  undefined,
  OPERATIONS.get,
  OPERATIONS.set,
  OPERATIONS.action,
  OPERATIONS.get,
  OPERATIONS.set,
];
const GRAVITY: readonly Operation[] = [OPERATIONS.unknown, OPERATIONS.get, OPERATIONS.set, OPERATIONS.action];
const FIRST_SELECTION = 4;

/** Several services of one message. */
export function readAccesses(reader: Reader, draft: Draft): void {
  const objects: CosemObject[] = [];
  let known = true;
  reader.repeat(readLength(reader), () => {
    const kind = reader.u8();
    const operation = ACCESSES[kind];
    known &&= operation !== undefined;
    if (!known || operation === undefined) {
      return;
    }
    const one: Draft['fields'] = { source: 0, destination: 0, apdu: 0 };
    readObject(reader, one, operation !== OPERATIONS.action);
    if (kind >= FIRST_SELECTION) {
      reader.skip(1); // selector
      known = skipData(reader);
    }
    keepObject(one, objects);
    if (GRAVITY.indexOf(operation) > GRAVITY.indexOf(draft.operation)) {
      draft.operation = operation;
      draft.target = one.object ?? '';
    }
  });
  draft.fields.objects = objects;
}

function keepObject(one: Draft['fields'], objects: CosemObject[]): void {
  if (objects.length < MOST_OBJECTS) {
    const { classId = 0, object = '', attribute = one.method ?? 0 } = one;
    objects.push({ classId, object, attribute });
  }
}

function skipSelection(reader: Reader): boolean {
  if (reader.u8() === 0) {
    return true;
  }
  reader.skip(1); // selector
  return skipData(reader);
}

/** A part of a value: whether it is the last, its number, its bytes. */
function readBlock(reader: Reader, fields: Draft['fields']): void {
  fields.lastBlock = reader.u8() !== 0;
  fields.block = reader.u32be();
  reader.expect(readLength(reader));
}

/** What became of a GET; the values only of objects that identify the device. */
export function readGetAnswer(reader: Reader, draft: Draft, context: Context): void {
  const { fields } = draft;
  const question = context.question(draft.pair ?? 0)?.fields as Fields | undefined;
  switch (fields.choice) {
    case NORMAL:
      if (reader.u8() !== DATA) {
        refuse(draft, reader.u8());
      } else if (question?.object !== undefined && identifies(question.object) !== undefined) {
        fields.object = question.object;
        keepValue(reader, fields);
      }
      break;
    case GET_BLOCK:
      fields.lastBlock = reader.u8() !== 0;
      fields.block = reader.u32be();
      if (reader.u8() === DATA) {
        reader.expect(readLength(reader));
      } else {
        refuse(draft, reader.u8());
      }
      break;
    case GET_LIST:
      readResults(reader, draft, question?.objects ?? []);
      break;
    default:
  }
}

function keepValue(reader: Reader, fields: Draft['fields']): void {
  const value = readText(reader);
  if (value !== undefined && !reader.truncated) {
    fields.value = value;
  }
}

function readResults(reader: Reader, draft: Draft, asked: readonly CosemObject[]): void {
  const { fields } = draft;
  const results: number[] = [];
  const values: string[] = [];
  const objects: CosemObject[] = [];
  let known = true;
  reader.repeat(readLength(reader), (index) => {
    if (!known) {
      reader.skip(1);
      return;
    }
    if (reader.u8() !== DATA) {
      keepResult(reader.u8(), results);
      return;
    }
    keepResult(0, results);
    const object = asked[index];
    if (object !== undefined && identifies(object.object) !== undefined && values.length < MOST_VALUES) {
      const value = readText(reader);
      if (value !== undefined) {
        values.push(value);
        objects.push(object);
      }
    } else {
      known = skipData(reader);
    }
  });
  fields.results = results;
  if (values.length > 0) {
    fields.objects = objects;
    fields.values = values;
  }
  refuseAll(draft, results);
}

function keepResult(result: number, results: number[]): void {
  if (results.length < MOST_OBJECTS) {
    results.push(result);
  }
}

/** A list is refused only where nothing of it was carried out. */
function refuseAll(draft: Draft, results: readonly number[]): void {
  const [first = 0] = results;
  if (results.length > 0 && results.every((result) => result !== 0)) {
    refuse(draft, first);
    delete draft.fields.result;
  }
}

export function readSetAnswer(reader: Reader, draft: Draft): void {
  const { fields } = draft;
  switch (fields.choice) {
    case NORMAL:
      refuse(draft, reader.u8());
      break;
    case SET_ANSWER_BLOCK:
      fields.block = reader.u32be();
      break;
    case SET_ANSWER_LAST:
      refuse(draft, reader.u8());
      fields.block = reader.u32be();
      break;
    case SET_ANSWER_LIST:
    case SET_ANSWER_LAST_LIST: {
      const results: number[] = [];
      reader.repeat(readLength(reader), () => keepResult(reader.u8(), results));
      fields.results = results;
      refuseAll(draft, results);
      if (fields.choice === SET_ANSWER_LAST_LIST) {
        fields.block = reader.u32be();
      }
      break;
    }
    default:
  }
}

export function readActionAnswer(reader: Reader, draft: Draft): void {
  const { fields } = draft;
  switch (fields.choice) {
    case NORMAL:
      refuse(draft, reader.u8());
      break;
    case ACTION_ANSWER_BLOCK:
      readBlock(reader, fields);
      break;
    case ACTION_LIST:
      readActionResults(reader, draft);
      break;
    case ACTION_ANSWER_NEXT:
      fields.block = reader.u32be();
      break;
    default:
  }
}

/** Each result may have what the method returned, or why that cannot be told. */
function readActionResults(reader: Reader, draft: Draft): void {
  const results: number[] = [];
  let known = true;
  reader.repeat(readLength(reader), () => {
    if (!known) {
      reader.skip(1);
      return;
    }
    keepResult(reader.u8(), results);
    if (reader.u8() === 0) {
      return;
    }
    if (reader.u8() === DATA) {
      known = skipData(reader);
    } else {
      reader.skip(1);
    }
  });
  draft.fields.results = results;
  refuseAll(draft, results);
}

const ELECTRICITY_FIRMWARE = '1.0.0.2.0.255';
const FIRMWARE = '0.0.0.2.0.255';
const LOGICAL_DEVICE_NAME = '0.0.42.0.0.255';
const DEVICE_ID = '0.0.96.1.0.255';
const IDENTIFYING: ReadonlyMap<string, 'name' | 'serial' | 'firmware'> = new Map([
  [LOGICAL_DEVICE_NAME, 'name'],
  [DEVICE_ID, 'serial'],
  [ELECTRICITY_FIRMWARE, 'firmware'],
  [FIRMWARE, 'firmware'],
]);

/** Which attribute of the device an object says (IEC 62056-6-1: logical device name, device id 1, firmware). */
export function identifies(object: string): 'name' | 'serial' | 'firmware' | undefined {
  return IDENTIFYING.get(object);
}
