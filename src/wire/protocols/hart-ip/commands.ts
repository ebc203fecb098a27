import { defineOperations, type Operation } from '../../dissector.ts';

/** HCF_SPEC-085 (messages), HCF_SPEC-127 (universal commands), HCF_SPEC-151 (common practice commands). */
export const OPERATIONS = defineOperations({
  openSession: ['open a session', 'session'],
  closeSession: ['close a session', 'session'],
  keepAlive: ['keep a session alive', 'session'],
  readAuditLog: ['read the audit log', 'read'],
  identify: ['identify', 'discover'],
  readTag: ['read the tag', 'discover'],
  readVariables: ['read variables', 'read'],
  readConfiguration: ['read configuration', 'read'],
  readStatus: ['read status', 'read'],
  readBurst: ['read burst settings', 'read'],
  writeTag: ['write the tag', 'configure'],
  writeConfiguration: ['write configuration', 'configure'],
  writeAddress: ['write the polling address', 'configure'],
  writeRange: ['write range or damping', 'configure'],
  trim: ['calibrate', 'configure'],
  setClock: ['set the clock', 'configure'],
  writeBurst: ['write burst settings', 'configure'],
  writeVariable: ['write a variable', 'write'],
  fixCurrent: ['fix the loop current', 'write'],
  resetChangedFlag: ['reset the configuration changed flag', 'control'],
  storage: ['save or restore settings', 'control'],
  selfTest: ['self test', 'control'],
  reset: ['reset the device', 'control'],
  lock: ['lock or unlock the device', 'control'],
  signal: ['make the device show itself', 'control'],
  publish: ['publish', 'report'],
  openTransfer: ['open a block transfer', 'session'],
  transfer: ['transfer a block', 'program'],
  forward: ['send a command to a sub-device', 'unknown'],
  unknown: ['unknown command', 'unknown'],
});

const TABLE: readonly (readonly [Operation, readonly number[]])[] = [
  [OPERATIONS.identify, [0, 11, 21, 73, 74, 75, 84]],
  [OPERATIONS.readTag, [13, 20, 57]],
  [OPERATIONS.readVariables, [1, 2, 3, 9, 33, 61, 62, 78, 91, 93, 110]],
  [OPERATIONS.readConfiguration, [7, 8, 12, 14, 15, 16, 50, 54, 60, 63, 70, 80, 81, 96, 98, 114]],
  [OPERATIONS.readStatus, [48, 76, 85, 86, 90, 94, 95, 115, 119]],
  [OPERATIONS.readBurst, [101, 105]],
  [OPERATIONS.writeTag, [18, 22, 58]],
  [OPERATIONS.writeAddress, [6]],
  [OPERATIONS.writeConfiguration, [17, 19, 44, 47, 49, 51, 53, 56, 59, 64, 69, 87, 88, 92, 97, 99, 116, 117, 118]],
  [OPERATIONS.writeRange, [34, 35, 36, 37, 55, 65]],
  [OPERATIONS.trim, [43, 45, 46, 52, 67, 68, 82, 83]],
  [OPERATIONS.setClock, [89]],
  [OPERATIONS.writeBurst, [102, 103, 104, 106, 107, 108, 109, 113]],
  [OPERATIONS.writeVariable, [79]],
  [OPERATIONS.fixCurrent, [40, 66]],
  [OPERATIONS.resetChangedFlag, [38]],
  [OPERATIONS.storage, [39]],
  [OPERATIONS.selfTest, [41]],
  [OPERATIONS.reset, [42]],
  [OPERATIONS.lock, [71]],
  [OPERATIONS.signal, [72]],
  [OPERATIONS.openTransfer, [111]],
  [OPERATIONS.transfer, [112]],
  [OPERATIONS.forward, [77]],
];

const BY_COMMAND: ReadonlyMap<number, Operation> = new Map(
  TABLE.flatMap(([operation, commands]) => commands.map((command) => [command, operation] as const)),
);

/** Commands that makers define, and those nobody has defined, are unknown. */
export function ofCommand(command: number): Operation {
  return BY_COMMAND.get(command) ?? OPERATIONS.unknown;
}

const REFUSALS: ReadonlyMap<number, string> = new Map([
  [2, 'invalid selection'],
  [3, 'parameter too large'],
  [4, 'parameter too small'],
  [5, 'too few data bytes'],
  [6, 'device-specific error'],
  [7, 'in write protect mode'],
  [16, 'access restricted'],
  [17, 'invalid device variable'],
  [18, 'invalid units code'],
  [32, 'busy'],
  [35, 'delayed response dead'],
  [36, 'delayed response conflict'],
  [64, 'command not implemented'],
]);

const COMMUNICATION_ERROR = 0x80;

/** HCF_SPEC-307: a response code that is no warning says why the command was not carried out. */
export function refusalOf(code: number): string | undefined {
  if (code & COMMUNICATION_ERROR) {
    return 'communication error';
  }
  return REFUSALS.get(code) ?? (isError(code) ? `response code ${code}` : undefined);
}

function isError(code: number): boolean {
  return (
    (code > 0 && code < 8) ||
    (code > 8 && code < 14) ||
    (code > 14 && code < 24) ||
    code === 28 ||
    code === 29 ||
    (code > 64 && code < 96)
  );
}
