import { defineOperations, type Operation } from '../../dissector.ts';

export const OPERATIONS = defineOperations({
  confirm: ['confirm', 'session'],
  read: ['read', 'read'],
  write: ['write', 'write'],
  writeSettings: ['write time or indications', 'configure'],
  select: ['select', 'write'],
  operate: ['operate', 'write'],
  directOperate: ['direct operate', 'write'],
  directOperateSilent: ['direct operate, no answer', 'write'],
  freeze: ['freeze', 'control'],
  freezeSilent: ['freeze, no answer', 'control'],
  freezeClear: ['freeze and clear', 'control'],
  freezeClearSilent: ['freeze and clear, no answer', 'control'],
  freezeAt: ['freeze at time', 'control'],
  freezeAtSilent: ['freeze at time, no answer', 'control'],
  coldRestart: ['cold restart', 'control'],
  warmRestart: ['warm restart', 'control'],
  initializeData: ['initialize data', 'control'],
  initializeApplication: ['initialize application', 'control'],
  startApplication: ['start application', 'control'],
  stopApplication: ['stop application', 'control'],
  saveConfiguration: ['save configuration', 'configure'],
  enableUnsolicited: ['enable unsolicited responses', 'configure'],
  disableUnsolicited: ['disable unsolicited responses', 'configure'],
  assignClass: ['assign class', 'configure'],
  delayMeasurement: ['measure delay', 'session'],
  recordTime: ['record current time', 'configure'],
  openFile: ['open file', 'program'],
  closeFile: ['close file', 'program'],
  deleteFile: ['delete file', 'program'],
  fileInformation: ['file information', 'program'],
  authenticateFile: ['authenticate file', 'program'],
  abortFile: ['abort file transfer', 'program'],
  activateConfiguration: ['activate configuration', 'configure'],
  authenticate: ['authenticate', 'authenticate'],
  authenticateSilent: ['authenticate, no answer', 'authenticate'],
  response: ['response', 'report'],
  unsolicited: ['unsolicited response', 'report'],
  authenticationResponse: ['authentication response', 'authenticate'],
  link: ['link service', 'session'],
  segment: ['transport segment', 'session'],
  unknown: ['unknown function', 'unknown'],
});

/** Clause 4.4.2, table of function codes. */
const BY_CODE: readonly Operation[] = [
  OPERATIONS.confirm,
  OPERATIONS.read,
  OPERATIONS.write,
  OPERATIONS.select,
  OPERATIONS.operate,
  OPERATIONS.directOperate,
  OPERATIONS.directOperateSilent,
  OPERATIONS.freeze,
  OPERATIONS.freezeSilent,
  OPERATIONS.freezeClear,
  OPERATIONS.freezeClearSilent,
  OPERATIONS.freezeAt,
  OPERATIONS.freezeAtSilent,
  OPERATIONS.coldRestart,
  OPERATIONS.warmRestart,
  OPERATIONS.initializeData,
  OPERATIONS.initializeApplication,
  OPERATIONS.startApplication,
  OPERATIONS.stopApplication,
  OPERATIONS.saveConfiguration,
  OPERATIONS.enableUnsolicited,
  OPERATIONS.disableUnsolicited,
  OPERATIONS.assignClass,
  OPERATIONS.delayMeasurement,
  OPERATIONS.recordTime,
  OPERATIONS.openFile,
  OPERATIONS.closeFile,
  OPERATIONS.deleteFile,
  OPERATIONS.fileInformation,
  OPERATIONS.authenticateFile,
  OPERATIONS.abortFile,
  OPERATIONS.activateConfiguration,
  OPERATIONS.authenticate,
  OPERATIONS.authenticateSilent,
];

export const CONFIRM = 0;
const WRITE = 2;
export const RESPONSE = 129;
export const UNSOLICITED = 130;
export const AUTHENTICATION_RESPONSE = 131;

/** Time and date, internal indications: writing them changes the device, not the process. */
const SETTINGS: ReadonlySet<number> = new Set([50, 51, 80]);
/** Requests that an outstation leaves without an answer. */
const SILENT: ReadonlySet<number> = new Set([CONFIRM, 6, 8, 10, 12, 33]);
/** Requests that name objects and send no value of them: read, freeze, initialize, report control, class. */
const NAMES_ONLY: ReadonlySet<number> = new Set([1, 7, 8, 9, 10, 15, 20, 21, 22]);

export function operationOf(functionCode: number, firstGroup: number | undefined): Operation {
  if (functionCode === WRITE && firstGroup !== undefined && SETTINGS.has(firstGroup)) {
    return OPERATIONS.writeSettings;
  }
  switch (functionCode) {
    case RESPONSE:
      return OPERATIONS.response;
    case UNSOLICITED:
      return OPERATIONS.unsolicited;
    case AUTHENTICATION_RESPONSE:
      return OPERATIONS.authenticationResponse;
    default:
      return BY_CODE[functionCode] ?? OPERATIONS.unknown;
  }
}

export function isAnswered(functionCode: number): boolean {
  return !SILENT.has(functionCode);
}

export function hasValues(functionCode: number): boolean {
  return !NAMES_ONLY.has(functionCode);
}

/** Clause 4.2.2.6: bits of the second octet of the internal indications that say a request was not carried out. */
const REFUSALS: readonly (readonly [bit: number, reason: string])[] = [
  [0x01, 'function code not supported'],
  [0x02, 'object unknown'],
  [0x04, 'parameter error'],
  [0x10, 'already executing'],
];

export function refusalOf(iin: number, status: number): string | undefined {
  if ((iin & 0x17) !== 0) {
    for (const [bit, reason] of REFUSALS) {
      if ((iin & bit) !== 0) {
        return reason;
      }
    }
  }
  return status === 0 ? undefined : (STATUS[status] ?? `control status ${status}`);
}

/** Clause 11, status codes of control relay output blocks and analog output blocks. */
const STATUS: readonly string[] = [
  'success',
  'time-out after select',
  'operate without select',
  'format error',
  'control not supported',
  'already active',
  'hardware error',
  'local control only',
  'too many objects',
  'not authorized',
  'automation inhibit',
  'processing limited',
  'out of range',
];
