import { defineOperations, type Operation } from '../../dissector.ts';

/** Service requests of the Series 90 and PACSystems, as the research on SRTP names them. All others are unknown. */
export const OPERATIONS = defineOperations({
  connect: ['open a session', 'session'],
  shortStatus: ['read the short status', 'read'],
  programNames: ['read the names of control programs', 'discover'],
  readSystem: ['read system memory', 'read'],
  readTask: ['read task memory', 'read'],
  readProgramBlock: ['read program block memory', 'read'],
  writeSystem: ['write system memory', 'write'],
  writeTask: ['write task memory', 'write'],
  writeProgramBlock: ['write program block memory', 'write'],
  logon: ['log on as programmer', 'session'],
  privilege: ['change the privilege level', 'authenticate'],
  setId: ['set the controller id', 'configure'],
  setState: ['start or stop', 'control'],
  setClock: ['set the clock', 'configure'],
  readClock: ['read the clock', 'read'],
  readFaults: ['read the fault table', 'read'],
  clearFaults: ['clear the fault table', 'control'],
  upload: ['upload a program', 'program'],
  download: ['download a program', 'program'],
  identify: ['read controller type and id', 'discover'],
  force: ['toggle a force', 'write'],
  unknown: ['unknown service', 'unknown'],
});

const BY_CODE: ReadonlyMap<number, Operation> = new Map([
  [0x00, OPERATIONS.shortStatus],
  [0x03, OPERATIONS.programNames],
  [0x04, OPERATIONS.readSystem],
  [0x05, OPERATIONS.readTask],
  [0x06, OPERATIONS.readProgramBlock],
  [0x07, OPERATIONS.writeSystem],
  [0x08, OPERATIONS.writeTask],
  [0x09, OPERATIONS.writeProgramBlock],
  [0x20, OPERATIONS.logon],
  [0x21, OPERATIONS.privilege],
  [0x22, OPERATIONS.setId],
  [0x23, OPERATIONS.setState],
  [0x24, OPERATIONS.setClock],
  [0x25, OPERATIONS.readClock],
  [0x38, OPERATIONS.readFaults],
  [0x39, OPERATIONS.clearFaults],
  [0x3f, OPERATIONS.upload],
  [0x40, OPERATIONS.download],
  [0x43, OPERATIONS.identify],
  [0x44, OPERATIONS.force],
]);

export function ofService(code: number): Operation {
  return BY_CODE.get(code) ?? OPERATIONS.unknown;
}

/** Only these are aimed at memory: of all other services the bytes behind the code mean something else. */
export function accessesMemory(operation: Operation): boolean {
  return operation === OPERATIONS.readSystem || operation === OPERATIONS.writeSystem || operation === OPERATIONS.force;
}

/** System memory by segment selector: words, then bytes, then bits. */
const AREAS: ReadonlyMap<number, string> = new Map([
  [0x08, '%R'],
  [0x0a, '%AI'],
  [0x0c, '%AQ'],
  [0x10, '%I'],
  [0x12, '%Q'],
  [0x14, '%T'],
  [0x16, '%M'],
  [0x18, '%SA'],
  [0x1a, '%SB'],
  [0x1c, '%SC'],
  [0x1e, '%S'],
  [0x38, '%G'],
  [0x46, '%I'],
  [0x48, '%Q'],
  [0x4a, '%T'],
  [0x4c, '%M'],
  [0x4e, '%SA'],
  [0x50, '%SB'],
  [0x52, '%SC'],
  [0x54, '%S'],
  [0x56, '%G'],
]);

export function areaOf(selector: number): string | undefined {
  return AREAS.get(selector);
}

const REFUSALS: ReadonlyMap<number, string> = new Map([
  [1, 'illegal service request'],
  [2, 'insufficient privilege'],
  [4, 'protocol sequence error'],
  [5, 'service request error'],
  [6, 'illegal mailbox type'],
  [7, 'service request queue full'],
]);

export function refusalOf(status: number, minor: number): string {
  const reason = REFUSALS.get(status) ?? `status ${status}`;
  return minor === 0 ? reason : `${reason}, minor status ${minor}`;
}
