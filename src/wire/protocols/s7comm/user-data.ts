import type { Context, Direction, Reading } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { type Fields, type Header, pairOf } from './fields.ts';
import { BLOCKS, CLOCK, CPU, MODE_TRANSITION, NC, PARTNER, userDataOperation } from './operations.ts';
import { readList, readListRequest } from './system-status.ts';
import { BLOCK_NAME, blockName, blockTypeName, MODES, refusalOf, SUCCESS } from './texts.ts';

/** Type of user data: the high four bits of type and group. NC controllers use 3, 7 and 11 for 0, 4 and 8. */
const ASKS: ReadonlySet<number> = new Set([4, 7]);
const ANSWERS: ReadonlySet<number> = new Set([8, 11]);
/** Parameters of this length have the number of the data unit, whether it is the last, and an error code. */
const LONG_PARAMETERS = 12;

export function readUserData(reader: Reader, header: Header, context: Context): Reading<Fields> {
  const { pduType, pduReference } = header;
  const group = readParameters(reader, header.parameterLength);
  const { direction, functionGroup, subfunction, errorCode } = group;
  const operation = userDataOperation(functionGroup, subfunction, direction === 'report');
  // A change of mode has the mode where others have the subfunction.
  const code =
    functionGroup === MODE_TRANSITION ? { mode: MODES.get(subfunction) ?? `mode ${subfunction}` } : { subfunction };
  const said = readGroup(reader, group, context);
  const base = { pduType, pduReference, functionGroup, ...code, ...said };
  const target = said.blockName === undefined ? {} : { target: said.blockName };
  if (direction === 'report') {
    return { direction, operation, ...target, fields: base };
  }
  if (direction === 'request') {
    const pair = pairOf(pduReference, context.fromClient);
    // Partners and NC controllers ask in both directions.
    const proves = functionGroup !== PARTNER && functionGroup !== NC;
    return { direction, operation, pair, ...likeOf(said), ...target, proves, fields: base };
  }
  const answer = { direction, operation, pair: pairOf(pduReference, !context.fromClient), ...target };
  const refused = refusalOf(errorCode);
  return refused === undefined ? { ...answer, fields: base } : { ...answer, refused, fields: { ...base, errorCode } };
}

interface Group {
  readonly direction: Direction;
  readonly functionGroup: number;
  readonly subfunction: number;
  readonly reference: number;
  readonly last: boolean;
  readonly errorCode: number;
}

function readParameters(reader: Reader, parameterLength: number): Group {
  const end = reader.position + parameterLength;
  reader.expect(parameterLength);
  reader.skip(5); // 00 01 12, length of what follows, method
  const typeAndGroup = reader.u8();
  const subfunction = reader.u8();
  reader.skip(1); // sequence
  const long = parameterLength >= LONG_PARAMETERS;
  const reference = long ? reader.u8() : 0;
  const last = long ? reader.u8() === 0 : true;
  const errorCode = long ? reader.u16be() : 0;
  reader.seek(end);
  const type = typeAndGroup >> 4;
  const direction = ASKS.has(type) ? 'request' : ANSWERS.has(type) ? 'response' : 'report';
  return { direction, functionGroup: typeAndGroup & 0x0f, subfunction, reference, last, errorCode };
}

function likeOf({ szlId, szlIndex }: Partial<Fields>): { readonly like?: number } {
  return szlId === undefined ? {} : { like: szlId * 0x10000 + (szlIndex ?? 0) };
}

const READ_SZL = 1;
const LIST_BLOCKS_OF_TYPE = 2;
const BLOCK_INFO = 3;

/** The data of the groups whose content tells something: return code, transport size, length, then the content. */
function readGroup(reader: Reader, group: Group, context: Context): Partial<Fields> {
  if (reader.remaining === 0) {
    return {};
  }
  const returnCode = reader.u8();
  reader.skip(1);
  const length = reader.u16be();
  if (length === 0 || (group.direction === 'response' && returnCode !== SUCCESS)) {
    return {};
  }
  switch (group.functionGroup) {
    case CPU:
      if (group.subfunction !== READ_SZL) {
        return {};
      }
      reader.expect(length);
      return group.direction === 'request' ? readListRequest(reader) : readList(reader, group, context);
    case CLOCK:
      return readClock(reader);
    case BLOCKS:
      return group.direction === 'request' ? readBlockQuestion(reader, group.subfunction) : {};
    default:
      return {};
  }
}

function readBlockQuestion(reader: Reader, subfunction: number): Partial<Fields> {
  if (subfunction === LIST_BLOCKS_OF_TYPE) {
    return { blockName: blockTypeName(reader.text(2, 'latin-1')) };
  }
  return subfunction === BLOCK_INFO ? { blockName: blockName(reader.text(BLOCK_NAME, 'latin-1')) } : {};
}

const CLOCK_LENGTH = 10;

/** A byte that is 0, the century, then year to second; milliseconds and weekday: two decimal digits a byte. */
function readClock(reader: Reader): Pick<Fields, 'clock'> {
  if (reader.remaining < CLOCK_LENGTH) {
    return {};
  }
  reader.skip(1);
  const century = decimal(reader.u8());
  const year = decimal(reader.u8());
  // Controllers state 19 for the century in every year; two digits below 90 are of this century.
  const fullYear = century === 19 && year < 90 ? 2000 + year : century * 100 + year;
  const [month, day, hour, minute, second] = [
    decimal(reader.u8()),
    decimal(reader.u8()),
    decimal(reader.u8()),
    decimal(reader.u8()),
    decimal(reader.u8()),
  ];
  const millisecond = decimal(reader.u8()) * 10 + (reader.u8() >> 4);
  const time = Date.UTC(fullYear, month - 1, day, hour, minute, second, millisecond);
  // NaN where a digit is none; a date that does not exist comes out as another one.
  const exists = new Date(time).getUTCDate() === day && month >= 1 && month <= 12;
  return exists && Number.isFinite(time) ? { clock: new Date(time).toISOString().slice(0, -1) } : {};
}

/** NaN where it is no pair of decimal digits. */
function decimal(byte: number): number {
  const high = byte >> 4;
  const low = byte & 0x0f;
  return high > 9 || low > 9 ? Number.NaN : high * 10 + low;
}
