import { defineOperations, type Operation } from '../../dissector.ts';

export const OPERATIONS = defineOperations({
  initiate: ['initiate', 'session'],
  conclude: ['conclude', 'session'],
  cancel: ['cancel', 'session'],
  reject: ['reject', 'session'],
  status: ['status', 'read'],
  getNameList: ['get name list', 'discover'],
  identify: ['identify', 'discover'],
  rename: ['rename', 'configure'],
  read: ['read', 'read'],
  write: ['write', 'write'],
  operate: ['operate', 'write'],
  select: ['select with value', 'write'],
  cancelOperate: ['cancel operate', 'write'],
  configure: ['write configuration', 'configure'],
  subscribe: ['write report control', 'session'],
  getVariableAttributes: ['get variable access attributes', 'discover'],
  defineVariable: ['define variable', 'configure'],
  deleteVariable: ['delete variable', 'configure'],
  getListAttributes: ['get variable list attributes', 'discover'],
  defineList: ['define variable list', 'configure'],
  deleteList: ['delete variable list', 'configure'],
  getTypeAttributes: ['get type attributes', 'discover'],
  defineType: ['define type', 'configure'],
  deleteType: ['delete type', 'configure'],
  input: ['input', 'read'],
  output: ['output', 'write'],
  takeControl: ['take control', 'session'],
  relinquishControl: ['relinquish control', 'session'],
  defineSemaphore: ['define semaphore', 'configure'],
  deleteSemaphore: ['delete semaphore', 'configure'],
  semaphoreStatus: ['report semaphore status', 'read'],
  startDownload: ['initiate download sequence', 'program'],
  download: ['download segment', 'program'],
  endDownload: ['terminate download sequence', 'program'],
  startUpload: ['initiate upload sequence', 'program'],
  upload: ['upload segment', 'program'],
  endUpload: ['terminate upload sequence', 'program'],
  requestDownload: ['request domain download', 'program'],
  requestUpload: ['request domain upload', 'program'],
  loadDomain: ['load domain content', 'program'],
  storeDomain: ['store domain content', 'program'],
  deleteDomain: ['delete domain', 'program'],
  getDomainAttributes: ['get domain attributes', 'discover'],
  createInvocation: ['create program invocation', 'program'],
  deleteInvocation: ['delete program invocation', 'program'],
  start: ['start', 'control'],
  stop: ['stop', 'control'],
  resume: ['resume', 'control'],
  reset: ['reset', 'control'],
  kill: ['kill', 'control'],
  getInvocationAttributes: ['get program invocation attributes', 'discover'],
  defineEvent: ['define event', 'configure'],
  deleteEvent: ['delete event', 'configure'],
  alterEvent: ['alter event', 'configure'],
  getEventAttributes: ['get event attributes', 'discover'],
  eventStatus: ['report event status', 'read'],
  triggerEvent: ['trigger event', 'write'],
  acknowledgeEvent: ['acknowledge event notification', 'write'],
  alarmSummary: ['get alarm summary', 'read'],
  readJournal: ['read journal', 'read'],
  writeJournal: ['write journal', 'configure'],
  getCapabilities: ['get capability list', 'discover'],
  obtainFile: ['obtain file', 'program'],
  openFile: ['open file', 'program'],
  readFile: ['read file', 'program'],
  closeFile: ['close file', 'program'],
  renameFile: ['rename file', 'program'],
  deleteFile: ['delete file', 'program'],
  fileDirectory: ['file directory', 'discover'],
  informationReport: ['information report', 'report'],
  unsolicitedStatus: ['unsolicited status', 'report'],
  eventNotification: ['event notification', 'report'],
  unknown: ['unknown service', 'unknown'],
});

/** Numbers of the services whose contents are read, ISO 9506-2, section 7.3 (ConfirmedServiceRequest). */
export const Service = {
  getNameList: 1,
  identify: 2,
  read: 4,
  write: 5,
  getVariableAttributes: 6,
  getListAttributes: 12,
  startDownload: 26,
  download: 27,
  startUpload: 29,
  deleteDomain: 36,
  getDomainAttributes: 37,
  createInvocation: 38,
  deleteInvocation: 39,
  start: 40,
  stop: 41,
  resume: 42,
  reset: 43,
  kill: 44,
  getInvocationAttributes: 45,
  fileOpen: 72,
  fileDelete: 76,
} as const;

/** By the number of the service. */
const CONFIRMED: readonly Operation[] = [
  OPERATIONS.status,
  OPERATIONS.getNameList,
  OPERATIONS.identify,
  OPERATIONS.rename,
  OPERATIONS.read,
  OPERATIONS.write,
  OPERATIONS.getVariableAttributes,
  OPERATIONS.defineVariable,
  OPERATIONS.defineVariable,
  OPERATIONS.getVariableAttributes,
  OPERATIONS.deleteVariable,
  OPERATIONS.defineList,
  OPERATIONS.getListAttributes,
  OPERATIONS.deleteList,
  OPERATIONS.defineType,
  OPERATIONS.getTypeAttributes,
  OPERATIONS.deleteType,
  OPERATIONS.input,
  OPERATIONS.output,
  OPERATIONS.takeControl,
  OPERATIONS.relinquishControl,
  OPERATIONS.defineSemaphore,
  OPERATIONS.deleteSemaphore,
  OPERATIONS.semaphoreStatus,
  OPERATIONS.semaphoreStatus,
  OPERATIONS.semaphoreStatus,
  OPERATIONS.startDownload,
  OPERATIONS.download,
  OPERATIONS.endDownload,
  OPERATIONS.startUpload,
  OPERATIONS.upload,
  OPERATIONS.endUpload,
  OPERATIONS.requestDownload,
  OPERATIONS.requestUpload,
  OPERATIONS.loadDomain,
  OPERATIONS.storeDomain,
  OPERATIONS.deleteDomain,
  OPERATIONS.getDomainAttributes,
  OPERATIONS.createInvocation,
  OPERATIONS.deleteInvocation,
  OPERATIONS.start,
  OPERATIONS.stop,
  OPERATIONS.resume,
  OPERATIONS.reset,
  OPERATIONS.kill,
  OPERATIONS.getInvocationAttributes,
  OPERATIONS.obtainFile,
  OPERATIONS.defineEvent,
  OPERATIONS.deleteEvent,
  OPERATIONS.getEventAttributes,
  OPERATIONS.eventStatus,
  OPERATIONS.alterEvent,
  OPERATIONS.triggerEvent,
  OPERATIONS.defineEvent,
  OPERATIONS.deleteEvent,
  OPERATIONS.getEventAttributes,
  OPERATIONS.eventStatus,
  OPERATIONS.defineEvent,
  OPERATIONS.deleteEvent,
  OPERATIONS.alterEvent,
  OPERATIONS.eventStatus,
  OPERATIONS.getEventAttributes,
  OPERATIONS.acknowledgeEvent,
  OPERATIONS.alarmSummary,
  OPERATIONS.alarmSummary,
  OPERATIONS.readJournal,
  OPERATIONS.writeJournal,
  OPERATIONS.writeJournal,
  OPERATIONS.eventStatus,
  OPERATIONS.writeJournal,
  OPERATIONS.writeJournal,
  OPERATIONS.getCapabilities,
  OPERATIONS.openFile,
  OPERATIONS.readFile,
  OPERATIONS.closeFile,
  OPERATIONS.renameFile,
  OPERATIONS.deleteFile,
  OPERATIONS.fileDirectory,
];
const UNCONFIRMED: readonly Operation[] = [
  OPERATIONS.informationReport,
  OPERATIONS.unsolicitedStatus,
  OPERATIONS.eventNotification,
];

export function confirmedOperation(service: number): Operation {
  return CONFIRMED[service] ?? OPERATIONS.unknown;
}

export function unconfirmedOperation(service: number): Operation {
  return UNCONFIRMED[service] ?? OPERATIONS.unknown;
}

/** IEC 61850-7-2, table of functional constraints: settings and control blocks that others depend on; reporting to the client. */
const SETTINGS: ReadonlySet<string> = new Set(['CF', 'SP', 'SG', 'SE', 'DC', 'EX', 'GO', 'GS', 'MS', 'US']);
const REPORTING: ReadonlySet<string> = new Set(['RP', 'BR', 'LG']);

/** What a write does to the device, by the path of IEC 61850-8-1: `GGIO1$CO$SPCSO1$Oper`. */
export function writeOperation(item: string): Operation {
  const path = item.split('$', MOST_LEVELS);
  if (path.includes('Oper')) {
    return OPERATIONS.operate;
  }
  if (path.includes('SBOw')) {
    return OPERATIONS.select;
  }
  if (path.includes('Cancel')) {
    return OPERATIONS.cancelOperate;
  }
  const constraint = path[1] ?? '';
  if (SETTINGS.has(constraint)) {
    return OPERATIONS.configure;
  }
  return REPORTING.has(constraint) ? OPERATIONS.subscribe : OPERATIONS.write;
}

const MOST_LEVELS = 16;
