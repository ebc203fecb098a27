import { defineOperations, type Operation } from '../../dissector.ts';

export const OPERATIONS = defineOperations({
  monitor: ['monitored value', 'report'],
  initialized: ['end of initialization', 'report'],
  singleCommand: ['single command', 'write'],
  doubleCommand: ['double command', 'write'],
  stepCommand: ['regulating step command', 'write'],
  setPoint: ['set point command', 'write'],
  bitstring: ['bitstring command', 'write'],
  interrogate: ['interrogation', 'read'],
  interrogateCounters: ['counter interrogation', 'read'],
  read: ['read', 'read'],
  setClock: ['clock synchronization', 'configure'],
  test: ['test command', 'session'],
  resetProcess: ['reset process', 'control'],
  delay: ['delay acquisition', 'session'],
  setParameter: ['parameter of measured values', 'configure'],
  activateParameter: ['parameter activation', 'configure'],
  fileReady: ['file ready', 'program'],
  sectionReady: ['section ready', 'program'],
  callFile: ['select or call file or directory', 'program'],
  lastSection: ['last section or segment', 'program'],
  acknowledgeFile: ['acknowledge file or section', 'program'],
  segment: ['file segment', 'program'],
  directory: ['file directory', 'program'],
  queryLog: ['query archive file', 'program'],
  startTransfer: ['start data transfer', 'session'],
  stopTransfer: ['stop data transfer', 'session'],
  testFrame: ['test frame', 'session'],
  acknowledge: ['acknowledge', 'session'],
  unknown: ['unknown type', 'unknown'],
});

export const READ = 102;
const FILES = 120;

/** What an ASDU of a type is: operation, and octets of one object without its address; -1 where they vary. */
export interface AsduType {
  readonly operation: Operation;
  readonly size: number;
}

const { monitor, setPoint } = OPERATIONS;

/** IEC 60870-5-101, clauses 7.2.1 and 7.3; IEC 60870-5-104, clause 8. */
const ROWS: readonly (readonly [type: number, operation: Operation, size: number])[] = [
  ...[1, 4, 1, 4, 2, 5, 5, 8, 3, 6, 3, 6, 5, 8, 5, 8, 6, 7, 7, 5, 2].map(
    (size, at) => [at + 1, monitor, size] as const,
  ),
  ...[8, 8, 9, 12, 10, 10, 12, 12, 10, 11, 11].map((size, at) => [at + 30, monitor, size] as const),
  [45, OPERATIONS.singleCommand, 1],
  [46, OPERATIONS.doubleCommand, 1],
  [47, OPERATIONS.stepCommand, 1],
  [48, setPoint, 3],
  [49, setPoint, 3],
  [50, setPoint, 5],
  [51, OPERATIONS.bitstring, 4],
  [58, OPERATIONS.singleCommand, 8],
  [59, OPERATIONS.doubleCommand, 8],
  [60, OPERATIONS.stepCommand, 8],
  [61, setPoint, 10],
  [62, setPoint, 10],
  [63, setPoint, 12],
  [64, OPERATIONS.bitstring, 11],
  [70, OPERATIONS.initialized, 1],
  [100, OPERATIONS.interrogate, 1],
  [101, OPERATIONS.interrogateCounters, 1],
  [READ, OPERATIONS.read, 0],
  [103, OPERATIONS.setClock, 7],
  [104, OPERATIONS.test, 2],
  [105, OPERATIONS.resetProcess, 1],
  [106, OPERATIONS.delay, 2],
  [107, OPERATIONS.test, 9],
  [110, OPERATIONS.setParameter, 3],
  [111, OPERATIONS.setParameter, 3],
  [112, OPERATIONS.setParameter, 5],
  [113, OPERATIONS.activateParameter, 1],
  [120, OPERATIONS.fileReady, 6],
  [121, OPERATIONS.sectionReady, 7],
  [122, OPERATIONS.callFile, 4],
  [123, OPERATIONS.lastSection, 5],
  [124, OPERATIONS.acknowledgeFile, 4],
  [125, OPERATIONS.segment, -1],
  [126, OPERATIONS.directory, 13],
  [127, OPERATIONS.queryLog, 16],
];

const TYPES: readonly (AsduType | undefined)[] = tableOf();

function tableOf(): (AsduType | undefined)[] {
  const table: (AsduType | undefined)[] = Array.from({ length: 128 }, () => undefined);
  for (const [type, operation, size] of ROWS) {
    table[type] = { operation, size };
  }
  return table;
}

export function typeOf(typeId: number): AsduType | undefined {
  return TYPES[typeId];
}

/** Values of the process, and the end of initialization: only the controlled station sends them. */
export function isMonitored(typeId: number): boolean {
  const operation = typeOf(typeId)?.operation;
  return operation === monitor || operation === OPERATIONS.initialized;
}

/** Both stations send files. */
export function isFile(typeId: number): boolean {
  return typeId >= FILES && typeId <= 127;
}

/** Where a command says that it only selects: offset in its object and bit, IEC 60870-5-101, clauses 7.2.6.26 and 39. */
const QUALIFIERS: readonly (readonly [type: number, offset: number])[] = [
  [45, 0],
  [46, 0],
  [47, 0],
  [48, 2],
  [49, 2],
  [50, 4],
  [58, 0],
  [59, 0],
  [60, 0],
  [61, 2],
  [62, 2],
  [63, 4],
];
const QUALIFIER_OFFSETS: ReadonlyMap<number, number> = new Map(QUALIFIERS);

export function qualifierOffset(typeId: number): number | undefined {
  return QUALIFIER_OFFSETS.get(typeId);
}
