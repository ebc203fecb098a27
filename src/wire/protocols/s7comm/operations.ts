import { defineOperations, type Operation } from '../../dissector.ts';

/** What an S7 controller can be asked. `download` is into the controller, `upload` out of it. */
export const OPERATIONS = defineOperations({
  setup: ['set up communication', 'session'],
  cpuServices: ['CPU services', 'unknown'],
  readVariable: ['read variable', 'read'],
  writeVariable: ['write variable', 'write'],
  requestDownload: ['request download', 'program'],
  downloadBlock: ['download block', 'program'],
  endDownload: ['end download', 'program'],
  startUpload: ['start upload', 'program'],
  upload: ['upload block', 'program'],
  endUpload: ['end upload', 'program'],
  stop: ['stop PLC', 'control'],
  start: ['start program', 'control'],
  activateBlock: ['activate block', 'program'],
  deleteBlock: ['delete block', 'program'],
  copyToRom: ['copy RAM to ROM', 'program'],
  compressMemory: ['compress memory', 'program'],
  ncLogin: ['NC log in', 'authenticate'],
  ncLogout: ['NC log out', 'authenticate'],
  invoke: ['program invocation', 'unknown'],
  acknowledge: ['acknowledgement', 'session'],
  modeTransition: ['mode transition', 'report'],
  blockStatus: ['monitor block', 'read'],
  variableStatus: ['monitor variables', 'read'],
  readStack: ['read stack', 'read'],
  measureTime: ['measure time', 'read'],
  selectForce: ['select force values', 'write'],
  modifyVariable: ['modify variables', 'write'],
  force: ['force variables', 'write'],
  breakpoint: ['set breakpoint', 'control'],
  exitHold: ['exit HOLD', 'control'],
  resetMemory: ['memory reset', 'control'],
  disableJob: ['disable test job', 'session'],
  enableJob: ['enable test job', 'session'],
  deleteJob: ['delete test job', 'session'],
  readJobs: ['read test jobs', 'read'],
  replaceJob: ['replace test job', 'write'],
  flashLed: ['flash LED', 'control'],
  testData: ['test job data', 'report'],
  subscribe: ['subscribe to variables', 'read'],
  unsubscribe: ['end subscription', 'session'],
  readRecord: ['read data record', 'read'],
  cyclicData: ['cyclic data', 'report'],
  listBlocks: ['list blocks', 'read'],
  listBlocksOfType: ['list blocks of a type', 'read'],
  blockInfo: ['read block information', 'read'],
  readSzl: ['read system status list', 'discover'],
  subscribeMessages: ['subscribe to messages', 'session'],
  diagnosticMessage: ['diagnostic message', 'report'],
  alarm: ['alarm', 'report'],
  queryAlarms: ['query alarms', 'read'],
  acknowledgeAlarm: ['acknowledge alarm', 'write'],
  lockAlarm: ['lock alarm', 'configure'],
  unlockAlarm: ['unlock alarm', 'configure'],
  sendPassword: ['send password', 'authenticate'],
  clearPassword: ['give up password', 'authenticate'],
  sendBlock: ['send block to partner', 'write'],
  readClock: ['read clock', 'read'],
  setClock: ['set clock', 'configure'],
  ncDownload: ['NC download', 'program'],
  ncUpload: ['NC upload', 'program'],
  unknown: ['unknown function', 'unknown'],
});

/** Function codes of jobs and their answers. */
export const BY_FUNCTION: ReadonlyMap<number, Operation> = new Map([
  [0x00, OPERATIONS.cpuServices],
  [0x04, OPERATIONS.readVariable],
  [0x05, OPERATIONS.writeVariable],
  [0x1a, OPERATIONS.requestDownload],
  [0x1b, OPERATIONS.downloadBlock],
  [0x1c, OPERATIONS.endDownload],
  [0x1d, OPERATIONS.startUpload],
  [0x1e, OPERATIONS.upload],
  [0x1f, OPERATIONS.endUpload],
  [0x28, OPERATIONS.invoke],
  [0x29, OPERATIONS.stop],
  [0xf0, OPERATIONS.setup],
]);

/** Names of program invocation services. */
export const BY_SERVICE: ReadonlyMap<string, Operation> = new Map([
  ['P_PROGRAM', OPERATIONS.start],
  ['_INSE', OPERATIONS.activateBlock],
  ['_INS2', OPERATIONS.activateBlock],
  ['_DELE', OPERATIONS.deleteBlock],
  ['_MODU', OPERATIONS.copyToRom],
  ['_GARB', OPERATIONS.compressMemory],
  ['_N_LOGIN_', OPERATIONS.ncLogin],
  ['_N_LOGOUT', OPERATIONS.ncLogout],
]);

export const MODE_TRANSITION = 0;
const PROGRAMMER = 1;
const CYCLIC = 2;
export const BLOCKS = 3;
export const CPU = 4;
const SECURITY = 5;
export const PARTNER = 6;
export const CLOCK = 7;
export const NC = 15;

/** User data: the function group times 256, plus the subfunction. */
const BY_SUBFUNCTION: ReadonlyMap<number, Operation> = new Map([
  [PROGRAMMER * 256 + 1, OPERATIONS.blockStatus],
  [PROGRAMMER * 256 + 2, OPERATIONS.variableStatus],
  [PROGRAMMER * 256 + 3, OPERATIONS.readStack],
  [PROGRAMMER * 256 + 4, OPERATIONS.readStack],
  [PROGRAMMER * 256 + 5, OPERATIONS.readStack],
  [PROGRAMMER * 256 + 6, OPERATIONS.measureTime],
  [PROGRAMMER * 256 + 7, OPERATIONS.selectForce],
  [PROGRAMMER * 256 + 8, OPERATIONS.modifyVariable],
  [PROGRAMMER * 256 + 9, OPERATIONS.force],
  [PROGRAMMER * 256 + 10, OPERATIONS.breakpoint],
  [PROGRAMMER * 256 + 11, OPERATIONS.exitHold],
  [PROGRAMMER * 256 + 12, OPERATIONS.resetMemory],
  [PROGRAMMER * 256 + 13, OPERATIONS.disableJob],
  [PROGRAMMER * 256 + 14, OPERATIONS.enableJob],
  [PROGRAMMER * 256 + 15, OPERATIONS.deleteJob],
  [PROGRAMMER * 256 + 16, OPERATIONS.readJobs],
  [PROGRAMMER * 256 + 17, OPERATIONS.readJobs],
  [PROGRAMMER * 256 + 18, OPERATIONS.replaceJob],
  [PROGRAMMER * 256 + 19, OPERATIONS.blockStatus],
  [PROGRAMMER * 256 + 22, OPERATIONS.flashLed],
  [CYCLIC * 256 + 1, OPERATIONS.subscribe],
  [CYCLIC * 256 + 4, OPERATIONS.unsubscribe],
  [CYCLIC * 256 + 5, OPERATIONS.subscribe],
  [CYCLIC * 256 + 7, OPERATIONS.subscribe],
  [CYCLIC * 256 + 8, OPERATIONS.readRecord],
  [BLOCKS * 256 + 1, OPERATIONS.listBlocks],
  [BLOCKS * 256 + 2, OPERATIONS.listBlocksOfType],
  [BLOCKS * 256 + 3, OPERATIONS.blockInfo],
  [CPU * 256 + 1, OPERATIONS.readSzl],
  [CPU * 256 + 2, OPERATIONS.subscribeMessages],
  [CPU * 256 + 3, OPERATIONS.diagnosticMessage],
  [CPU * 256 + 5, OPERATIONS.alarm],
  [CPU * 256 + 6, OPERATIONS.alarm],
  [CPU * 256 + 7, OPERATIONS.lockAlarm],
  [CPU * 256 + 8, OPERATIONS.unlockAlarm],
  [CPU * 256 + 9, OPERATIONS.alarm],
  [CPU * 256 + 11, OPERATIONS.acknowledgeAlarm],
  [CPU * 256 + 12, OPERATIONS.alarm],
  [CPU * 256 + 13, OPERATIONS.alarm],
  [CPU * 256 + 14, OPERATIONS.alarm],
  [CPU * 256 + 17, OPERATIONS.alarm],
  [CPU * 256 + 18, OPERATIONS.alarm],
  [CPU * 256 + 19, OPERATIONS.queryAlarms],
  [CPU * 256 + 22, OPERATIONS.alarm],
  [SECURITY * 256 + 1, OPERATIONS.sendPassword],
  [SECURITY * 256 + 2, OPERATIONS.clearPassword],
  [CLOCK * 256 + 1, OPERATIONS.readClock],
  [CLOCK * 256 + 2, OPERATIONS.setClock],
  [CLOCK * 256 + 3, OPERATIONS.readClock],
  [CLOCK * 256 + 4, OPERATIONS.setClock],
  [NC * 256 + 1, OPERATIONS.ncDownload],
  [NC * 256 + 2, OPERATIONS.ncDownload],
  [NC * 256 + 3, OPERATIONS.ncDownload],
  [NC * 256 + 4, OPERATIONS.ncDownload],
  [NC * 256 + 6, OPERATIONS.ncUpload],
  [NC * 256 + 7, OPERATIONS.ncUpload],
  [NC * 256 + 8, OPERATIONS.ncUpload],
]);

/** The operation of user data. What a controller sends unasked reports, whatever it was subscribed with. */
export function userDataOperation(group: number, subfunction: number, unasked: boolean): Operation {
  if (group === MODE_TRANSITION) {
    return OPERATIONS.modeTransition;
  }
  if (group === PARTNER) {
    return OPERATIONS.sendBlock;
  }
  if (unasked && group === CYCLIC) {
    return OPERATIONS.cyclicData;
  }
  if (unasked && group === PROGRAMMER) {
    return OPERATIONS.testData;
  }
  return BY_SUBFUNCTION.get(group * 256 + subfunction) ?? OPERATIONS.unknown;
}
