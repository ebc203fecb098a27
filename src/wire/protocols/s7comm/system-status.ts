import type { Context } from '../../dissector.ts';
import { type Identity, known } from '../../observation.ts';
import { Reader } from '../../reader.ts';
import { LISTED_MODES } from './texts.ts';

/** System status lists (SZL): numbers are the low byte of the list's id, whatever extract of it was asked for. */
const MODULE_IDENTIFICATION = 0x11;
const COMPONENT_IDENTIFICATION = 0x1c;
const COMMUNICATION_STATUS = 0x32;
const MODE = 0x24;
/** Length of a record in the lists above. */
const RECORD_LENGTHS: ReadonlyMap<number, number> = new Map([
  [MODULE_IDENTIFICATION, 28],
  [COMPONENT_IDENTIFICATION, 34],
  [COMMUNICATION_STATUS, 40],
  [MODE, 20],
]);
/** Index of the record of list 0x32 that states the protection level. */
const PROTECTION = 4;
const HEADER = 8;

/** One entry of an identification list. */
export interface ListEntry {
  readonly index: number;
  readonly text: string;
  /** List 0x11 only: `V3.2.7`, or the number of the hardware's version. */
  readonly version?: string;
}

export interface SystemStatus {
  readonly szlId?: number;
  readonly szlIndex?: number;
  readonly entries?: readonly ListEntry[];
  readonly mode?: string;
  readonly protectionLevel?: number;
}

/** Where one list travels in several messages, all but the first lack the list's header. */
export interface Fragment {
  readonly reference: number;
  readonly last: boolean;
}

export function readListRequest(reader: Reader): SystemStatus {
  return reader.remaining >= 4 ? { szlId: reader.u16be(), szlIndex: reader.u16be() } : {};
}

export function readList(reader: Reader, fragment: Fragment, context: Context): SystemStatus {
  const key = `s7comm.szl.${fragment.reference}`;
  const begun = fragment.reference === 0 ? undefined : context.recall(key);
  if (Array.isArray(begun)) {
    return readContinuation(reader, begun, fragment, context);
  }
  if (reader.remaining < HEADER) {
    return readListRequest(reader);
  }
  const szlId = reader.u16be();
  const szlIndex = reader.u16be();
  const length = reader.u16be();
  reader.skip(2); // number of records: what is here is read, however many were announced
  const status = readRecords(reader, szlId, length);
  keepRest(reader, [szlId, szlIndex, length], fragment, context);
  return { szlId, szlIndex, ...status };
}

function readContinuation(
  reader: Reader,
  begun: readonly unknown[],
  fragment: Fragment,
  context: Context,
): SystemStatus {
  const [szlId = 0, szlIndex = 0, length = 0, ...rest] = begun.map(Number);
  const joined = new Uint8Array(rest.length + reader.remaining);
  joined.set(rest);
  joined.set(reader.rest(), rest.length);
  const records = Reader.of(joined);
  const status = readRecords(records, szlId, length);
  keepRest(records, [szlId, szlIndex, length], fragment, context);
  return { szlId, szlIndex, ...status };
}

/** Keeps the begun record at the end of this message for the next one. */
function keepRest(reader: Reader, list: readonly number[], fragment: Fragment, context: Context): void {
  if (fragment.reference === 0) {
    return;
  }
  const [szlId = 0, , length = 0] = list;
  const useful = !fragment.last && RECORD_LENGTHS.get(szlId & 0xff) === length && reader.remaining < length;
  context.remember(`s7comm.szl.${fragment.reference}`, useful ? [...list, ...reader.rest()] : false);
}

function readRecords(reader: Reader, szlId: number, length: number): SystemStatus {
  const list = szlId & 0xff;
  if (RECORD_LENGTHS.get(list) !== length) {
    return {};
  }
  const entries: ListEntry[] = [];
  let mode: string | undefined;
  let protectionLevel: number | undefined;
  while (reader.remaining >= length && reader.step()) {
    const record = reader.sub(length);
    if (list === MODULE_IDENTIFICATION) {
      entries.push(readModule(record));
    } else if (list === COMPONENT_IDENTIFICATION) {
      entries.push(readComponent(record));
    } else if (list === MODE) {
      mode = LISTED_MODES.get(record.peek(3) & 0x0f);
    } else if (record.u16be() === PROTECTION) {
      record.skip(4); // level by the key switch, level by parameter
      protectionLevel = record.u16be();
    }
  }
  return {
    ...(entries.length > 0 ? { entries } : {}),
    ...(mode === undefined ? {} : { mode }),
    ...(protectionLevel === undefined ? {} : { protectionLevel }),
  };
}

const VERSION_MARK = 0x56;
const ORDER_NUMBER = 20;

function readModule(record: Reader): ListEntry {
  const index = record.u16be();
  const text = record.text(ORDER_NUMBER, 'latin-1').trim();
  record.skip(2); // type of module
  const [mark, major, minor, patch] = [record.u8(), record.u8(), record.u8(), record.u8()];
  const version = mark === VERSION_MARK ? `V${major}.${minor}.${patch}` : String((mark << 8) | major);
  return { index, text, version };
}

const COMPONENT_TEXT = 32;
/** Index of the manufacturer's number, which is no text. */
const MANUFACTURER = 9;

function readComponent(record: Reader): ListEntry {
  const index = record.u16be();
  const text = index === MANUFACTURER ? String(record.u16be()) : record.text(COMPONENT_TEXT, 'latin-1').trim();
  return { index, text };
}

/** Indices of list 0x11 (module, basic firmware) and of list 0x1c. */
const MODULE = 1;
const FIRMWARE = 7;
const SYSTEM_NAME = 1;
const MODULE_NAME = 2;
const COPYRIGHT = 4;
const SERIAL = 5;
const MODULE_TYPE = 7;
/** Number of Siemens among the manufacturers of PROFIBUS and PROFINET devices. */
const SIEMENS = '42';

export function identityOf({ szlId = 0, entries = [] }: SystemStatus): Identity {
  const text = (index: number) => entries.find((entry) => entry.index === index)?.text || undefined;
  if ((szlId & 0xff) === MODULE_IDENTIFICATION) {
    const version = (index: number) => entries.find((entry) => entry.index === index)?.version;
    const hardware = version(MODULE);
    const firmware = version(FIRMWARE);
    const stated = hardware?.startsWith('V') ? { firmware: firmware ?? hardware } : { firmware, hardware };
    return known({ orderNumber: text(MODULE), ...stated });
  }
  if ((szlId & 0xff) !== COMPONENT_IDENTIFICATION) {
    return {};
  }
  const siemens = text(MANUFACTURER) === SIEMENS || /^original siemens/i.test(text(COPYRIGHT) ?? '');
  return known({
    vendor: siemens ? 'Siemens' : undefined,
    product: text(MODULE_TYPE),
    serial: text(SERIAL),
    name: text(SYSTEM_NAME) ?? text(MODULE_NAME),
  });
}
