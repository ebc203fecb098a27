/** Classes of an error in the header of an answer. */
const ERROR_CLASSES: ReadonlyMap<number, string> = new Map([
  [0x81, 'application relationship'],
  [0x82, 'object definition'],
  [0x83, 'no resources available'],
  [0x84, 'service processing'],
  [0x85, 'supplies'],
  [0x87, 'access'],
]);

const ERRORS: ReadonlyMap<number, string> = new Map([
  [0x8001, 'not possible in the present state of the block'],
  [0x8104, 'service not implemented, or frame error'],
  [0x8304, 'no further parallel upload'],
  [0x8404, 'function cannot be carried out'],
  [0x8500, 'wrong PDU size'],
  [0x8702, 'service not supported'],
  [0xd002, 'variant of the job is illegal'],
  [0xd201, 'syntax error in block name'],
  [0xd209, 'block not found'],
  [0xd20c, 'no such organisation block in this controller'],
  [0xd20e, 'no further block'],
  [0xd210, 'block number is invalid'],
  [0xd240, 'coordination rules were violated'],
  [0xd241, 'protection level does not permit it'],
  [0xd242, 'protection of fail-safe blocks was violated'],
  [0xd401, 'information is not available'],
  [0xd402, 'information is not available'],
  [0xd404, 'no further log on'],
  [0xd405, 'service not supported, or syntax error'],
  [0xd601, 'syntax error in parameters'],
  [0xd602, 'password is wrong'],
  [0xd603, 'connection is already authorised'],
  [0xd604, 'connection is already enabled'],
  [0xd605, 'there is no password'],
]);

/** Return codes of one item. */
const RETURN_CODES: ReadonlyMap<number, string> = new Map([
  [0x01, 'hardware error'],
  [0x03, 'access to the object is not allowed'],
  [0x05, 'address out of range'],
  [0x06, 'data type not supported'],
  [0x07, 'data type inconsistent'],
  [0x0a, 'object does not exist'],
]);

export const SUCCESS = 0xff;

/** Why an answer refuses; undefined where it does not. `code` is class and code of the header, or that of user data. */
export function refusalOf(code: number): string | undefined {
  if (code === 0) {
    return undefined;
  }
  return ERRORS.get(code) ?? ERROR_CLASSES.get(code >> 8) ?? `error 0x${code.toString(16).padStart(4, '0')}`;
}

export function itemRefusal(returnCode: number): string | undefined {
  return returnCode === SUCCESS ? undefined : (RETURN_CODES.get(returnCode) ?? `return code ${returnCode}`);
}

/** Modes that a controller announces, user data group 0. */
export const MODES: ReadonlyMap<number, string> = new Map([
  [0, 'STOP'],
  [1, 'warm restart'],
  [2, 'RUN'],
  [3, 'hot restart'],
  [4, 'HOLD'],
  [6, 'cold restart'],
  [9, 'RUN redundant'],
  [11, 'LINK-UP'],
  [12, 'UPDATE'],
]);

/** Modes in list 0x0424, which counts them otherwise. */
export const LISTED_MODES: ReadonlyMap<number, string> = new Map([
  [1, 'STOP (update)'],
  [2, 'STOP (memory reset)'],
  [3, 'STOP (self-initialisation)'],
  [4, 'STOP'],
  [5, 'cold restart'],
  [6, 'warm restart'],
  [7, 'hot restart'],
  [8, 'RUN'],
  [9, 'RUN redundant'],
  [10, 'HOLD'],
  [11, 'LINK-UP'],
  [12, 'UPDATE'],
  [13, 'DEFECT'],
]);

/** Type, five digits, where it is. */
export const BLOCK_NAME = 8;

const BLOCK_TYPES: ReadonlyMap<string, string> = new Map([
  ['08', 'OB'],
  ['0A', 'DB'],
  ['0B', 'SDB'],
  ['0C', 'FC'],
  ['0D', 'SFC'],
  ['0E', 'FB'],
  ['0F', 'SFB'],
]);

/** `DB 1` from `0A00001P`: type, five digits, where it is (passive, active, both). Other names stay as they are. */
export function blockName(name: string): string {
  const type = BLOCK_TYPES.get(name.slice(0, 2));
  const number = name.slice(2, 7);
  return type !== undefined && /^\d{5}$/.test(number) ? `${type} ${Number(number)}` : name;
}

export function blockTypeName(digits: string): string {
  return BLOCK_TYPES.get(digits) ?? digits;
}

/** Memory areas of a variable; data blocks are named with their number. */
const AREAS: ReadonlyMap<number, string> = new Map([
  [0x01, 'data record'],
  [0x03, 'system information'],
  [0x05, 'system flags'],
  [0x06, 'analog inputs'],
  [0x07, 'analog outputs'],
  [0x1c, 'counters'],
  [0x1d, 'timers'],
  [0x1e, 'IEC counters'],
  [0x1f, 'IEC timers'],
  [0x80, 'peripherals'],
  [0x81, 'inputs'],
  [0x82, 'outputs'],
  [0x83, 'flags'],
  [0x86, 'local data'],
  [0x87, 'local data of the caller'],
]);
const DATA_BLOCK = 0x84;
const INSTANCE_DATA_BLOCK = 0x85;
const DATA_BLOCKS: readonly string[] = Array.from({ length: 1024 }, (_, number) => `DB ${number}`);

export function areaName(area: number, block: number): string {
  if (area === DATA_BLOCK || area === INSTANCE_DATA_BLOCK) {
    return DATA_BLOCKS[block] ?? `DB ${block}`;
  }
  return AREAS.get(area) ?? 'unknown area';
}
