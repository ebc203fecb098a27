import { defineOperations, type Operation } from '../../dissector.ts';

/** SH-080008, section 8 onward; BAP-C2006ENG-001, section 5: commands, with what each does to the controller. */
export const OPERATIONS = defineOperations({
  readTypeName: ['read type name', 'discover'],
  deviceRead: ['device read', 'read'],
  deviceWrite: ['device write', 'write'],
  readRandom: ['device read random', 'read'],
  writeRandom: ['device write random', 'write'],
  readBlock: ['device read block', 'read'],
  writeBlock: ['device write block', 'write'],
  monitorEntry: ['monitor device registration', 'session'],
  monitor: ['monitor', 'read'],
  labelRead: ['label read', 'read'],
  labelWrite: ['label write', 'write'],
  memoryRead: ['memory read', 'read'],
  memoryWrite: ['memory write', 'write'],
  unitRead: ['extend unit read', 'read'],
  unitWrite: ['extend unit write', 'write'],
  remoteRun: ['remote run', 'control'],
  remoteStop: ['remote stop', 'control'],
  remotePause: ['remote pause', 'control'],
  latchClear: ['remote latch clear', 'control'],
  remoteReset: ['remote reset', 'control'],
  clearError: ['clear error', 'control'],
  unlock: ['remote password unlock', 'authenticate'],
  lock: ['remote password lock', 'authenticate'],
  selfTest: ['self test', 'session'],
  file: ['file access', 'program'],
  onDemand: ['on-demand data', 'report'],
  nodeSearch: ['node search', 'discover'],
  setAddress: ['set IP address', 'configure'],
  unknown: ['unknown command', 'unknown'],
});

const READ_TYPE_NAME = 0x0101;
const UNLOCK = 0x1630;
export const ON_DEMAND = 0x2101;

const BY_COMMAND: ReadonlyMap<number, Operation> = new Map([
  [READ_TYPE_NAME, OPERATIONS.readTypeName],
  [0x0401, OPERATIONS.deviceRead],
  [0x0403, OPERATIONS.readRandom],
  [0x0406, OPERATIONS.readBlock],
  [0x041a, OPERATIONS.labelRead],
  [0x041c, OPERATIONS.labelRead],
  [0x0601, OPERATIONS.unitRead],
  [0x0613, OPERATIONS.memoryRead],
  [0x0619, OPERATIONS.selfTest],
  [0x0801, OPERATIONS.monitorEntry],
  [0x0802, OPERATIONS.monitor],
  [0x0e30, OPERATIONS.nodeSearch],
  [0x0e31, OPERATIONS.setAddress],
  [0x1001, OPERATIONS.remoteRun],
  [0x1002, OPERATIONS.remoteStop],
  [0x1003, OPERATIONS.remotePause],
  [0x1005, OPERATIONS.latchClear],
  [0x1006, OPERATIONS.remoteReset],
  [0x1401, OPERATIONS.deviceWrite],
  [0x1402, OPERATIONS.writeRandom],
  [0x1406, OPERATIONS.writeBlock],
  [0x141a, OPERATIONS.labelWrite],
  [0x141b, OPERATIONS.labelWrite],
  [0x1601, OPERATIONS.unitWrite],
  [0x1613, OPERATIONS.memoryWrite],
  [0x1617, OPERATIONS.clearError],
  [UNLOCK, OPERATIONS.unlock],
  [0x1631, OPERATIONS.lock],
  [ON_DEMAND, OPERATIONS.onDemand],
]);

/** Files of programs and parameters are opened, read, written and deleted with 0x1810 to 0x182a. */
const FIRST_FILE_COMMAND = 0x1808;
const LAST_FILE_COMMAND = 0x182a;

export function operationOf(command: number): Operation {
  const named = BY_COMMAND.get(command);
  if (named !== undefined) {
    return named;
  }
  return command >= FIRST_FILE_COMMAND && command <= LAST_FILE_COMMAND ? OPERATIONS.file : OPERATIONS.unknown;
}

/** End codes that say more than a number; the manual of each module has the others. */
const END_CODES: ReadonlyMap<number, string> = new Map([
  [0x0055, 'writing in RUN is not permitted'],
  [0xc050, 'data cannot be read as ASCII'],
  [0xc051, 'too many devices'],
  [0xc052, 'too many devices'],
  [0xc053, 'too many devices'],
  [0xc054, 'too many devices'],
  [0xc056, 'address out of range'],
  [0xc059, 'command not supported'],
  [0xc05b, 'device cannot be read or written'],
  [0xc05c, 'request data is wrong'],
  [0xc05f, 'request cannot be carried out by the target'],
  [0xc061, 'request length is wrong'],
  [0xc200, 'remote password is wrong'],
  [0xc201, 'remote password is locked'],
  [0xcee0, 'busy with another request'],
]);

export function refusalOf(endCode: number): string | undefined {
  if (endCode === 0) {
    return undefined;
  }
  return END_CODES.get(endCode) ?? `end code 0x${endCode.toString(16).padStart(4, '0')}`;
}

/** Device codes of subcommands 0000 and 0001. */
const DEVICES: ReadonlyMap<number, string> = new Map([
  [0x90, 'M'],
  [0x91, 'SM'],
  [0x92, 'L'],
  [0x93, 'F'],
  [0x94, 'V'],
  [0x98, 'S'],
  [0x9c, 'X'],
  [0x9d, 'Y'],
  [0xa0, 'B'],
  [0xa1, 'SB'],
  [0xa2, 'DX'],
  [0xa3, 'DY'],
  [0xa8, 'D'],
  [0xa9, 'SD'],
  [0xaf, 'R'],
  [0xb0, 'ZR'],
  [0xb4, 'W'],
  [0xb5, 'SW'],
  [0xc0, 'TC'],
  [0xc1, 'TS'],
  [0xc2, 'TN'],
  [0xc3, 'CC'],
  [0xc4, 'CS'],
  [0xc5, 'CN'],
  [0xcc, 'Z'],
]);

export function deviceName(code: number): string {
  return DEVICES.get(code) ?? `device 0x${code.toString(16).padStart(2, '0')}`;
}
