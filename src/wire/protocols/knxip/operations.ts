import { defineOperations, type Operation, type ReadingDraft } from '../../dissector.ts';

export interface Fields {
  readonly serviceType: number;
  readonly channel?: number;
  readonly sequence?: number;
  readonly status?: number;
  readonly connectionType?: number;
  readonly messageCode?: number;
  readonly source?: string;
  readonly destination?: string;
  readonly service?: number;
  readonly objectType?: number;
  readonly objectInstance?: number;
  readonly property?: number;
  readonly memoryAddress?: number;
  readonly feature?: number;
  readonly session?: number;
  readonly lost?: number;
  readonly waitTime?: number;
  readonly medium?: number;
  readonly individualAddress?: string;
  readonly name?: string;
  readonly serial?: string;
  readonly manufacturer?: number;
  readonly mac?: string;
  readonly families?: readonly number[];
}

export type Draft = ReadingDraft<Fields>;

export const OPERATIONS = defineOperations({
  search: ['search', 'discover'],
  describe: ['describe', 'discover'],
  connect: ['connect', 'session'],
  connectionState: ['ask connection state', 'session'],
  disconnect: ['disconnect', 'session'],
  acknowledge: ['acknowledge', 'session'],
  getFeature: ['get tunnel feature', 'read'],
  setFeature: ['set tunnel feature', 'configure'],
  tellFeature: ['tell tunnel feature', 'report'],
  lost: ['telegrams lost', 'report'],
  busy: ['router busy', 'report'],
  diagnose: ['remote diagnosis', 'discover'],
  configureRemotely: ['remote configuration', 'configure'],
  resetRemotely: ['remote reset', 'control'],
  secured: ['encrypted message', 'unknown'],
  openSession: ['open secure session', 'session'],
  authenticate: ['authenticate session', 'authenticate'],
  sessionStatus: ['session status', 'session'],
  synchroniseTimers: ['synchronise timers', 'report'],
  telegram: ['telegram from the bus', 'report'],
  sent: ['telegram sent', 'report'],
  rawTelegram: ['send raw telegram', 'unknown'],
  poll: ['poll bus devices', 'read'],
  transport: ['transport control', 'session'],
  readGroup: ['read group value', 'read'],
  answerGroup: ['answer group value', 'report'],
  writeGroup: ['write group value', 'write'],
  findAddress: ['find individual address', 'discover'],
  writeAddress: ['write individual address', 'configure'],
  readConverter: ['read A/D converter', 'read'],
  readDescriptor: ['read device descriptor', 'discover'],
  readMemory: ['read memory', 'read'],
  writeMemory: ['write memory', 'program'],
  readProperty: ['read property', 'read'],
  writeProperty: ['write property', 'configure'],
  tellProperty: ['tell property', 'report'],
  describeProperty: ['describe property', 'read'],
  callFunction: ['call function property', 'configure'],
  readFunction: ['read function property', 'read'],
  readParameter: ['read network parameter', 'discover'],
  writeParameter: ['write network parameter', 'configure'],
  readRouting: ['read routing table', 'read'],
  writeRouting: ['write routing table', 'configure'],
  readLink: ['read group links', 'read'],
  writeLink: ['write group links', 'configure'],
  findDomain: ['find domain address', 'discover'],
  writeDomain: ['write domain address', 'configure'],
  authorise: ['authorise', 'authenticate'],
  writeKey: ['write access key', 'configure'],
  restart: ['restart device', 'control'],
  reset: ['reset server', 'control'],
  answer: ['answer of a bus device', 'report'],
  securedTelegram: ['encrypted telegram', 'unknown'],
  unknown: ['unknown service', 'unknown'],
});

/** ISO 22510 and KNX 3/3/7: application services by the upper four bits of their code; those without data in it stand below. */
const SHORT: readonly (Operation | undefined)[] = [
  OPERATIONS.readGroup,
  OPERATIONS.answerGroup,
  OPERATIONS.writeGroup,
  OPERATIONS.writeAddress,
  OPERATIONS.findAddress,
  OPERATIONS.answer,
  OPERATIONS.readConverter,
  OPERATIONS.answer,
  OPERATIONS.readMemory,
  OPERATIONS.answer,
  OPERATIONS.writeMemory,
  undefined,
  OPERATIONS.readDescriptor,
  OPERATIONS.answer,
];

const LONG: ReadonlyMap<number, Operation> = new Map([
  [0x1c8, OPERATIONS.readParameter],
  [0x1c9, OPERATIONS.answer],
  [0x1ca, OPERATIONS.writeParameter],
  [0x1cc, OPERATIONS.readProperty],
  [0x1cd, OPERATIONS.answer],
  [0x1ce, OPERATIONS.writeProperty],
  [0x1cf, OPERATIONS.answer],
  [0x1d0, OPERATIONS.writeProperty],
  [0x1d1, OPERATIONS.answer],
  [0x1d2, OPERATIONS.describeProperty],
  [0x1d3, OPERATIONS.answer],
  [0x1d4, OPERATIONS.callFunction],
  [0x1d5, OPERATIONS.readFunction],
  [0x1d6, OPERATIONS.answer],
  [0x1fb, OPERATIONS.writeMemory],
  [0x1fc, OPERATIONS.answer],
  [0x1fd, OPERATIONS.readMemory],
  [0x1fe, OPERATIONS.answer],
  [0x2c0, OPERATIONS.readMemory],
  [0x2c1, OPERATIONS.answer],
  [0x2c2, OPERATIONS.writeMemory],
  [0x2c4, OPERATIONS.writeMemory],
  [0x2c5, OPERATIONS.readDescriptor],
  [0x2c6, OPERATIONS.answer],
  [0x2c7, OPERATIONS.callFunction],
  [0x2c8, OPERATIONS.readFunction],
  [0x2c9, OPERATIONS.answer],
  [0x380, OPERATIONS.restart],
  [0x381, OPERATIONS.restart],
  [0x3a1, OPERATIONS.answer],
  [0x3c0, OPERATIONS.writeRouting],
  [0x3c1, OPERATIONS.readRouting],
  [0x3c2, OPERATIONS.answer],
  [0x3c3, OPERATIONS.writeRouting],
  [0x3c8, OPERATIONS.readMemory],
  [0x3c9, OPERATIONS.answer],
  [0x3ca, OPERATIONS.writeMemory],
  [0x3cd, OPERATIONS.readRouting],
  [0x3ce, OPERATIONS.answer],
  [0x3cf, OPERATIONS.writeRouting],
  [0x3d0, OPERATIONS.writeMemory],
  [0x3d1, OPERATIONS.authorise],
  [0x3d2, OPERATIONS.answer],
  [0x3d3, OPERATIONS.writeKey],
  [0x3d4, OPERATIONS.answer],
  [0x3d5, OPERATIONS.readProperty],
  [0x3d6, OPERATIONS.answer],
  [0x3d7, OPERATIONS.writeProperty],
  [0x3d8, OPERATIONS.describeProperty],
  [0x3d9, OPERATIONS.answer],
  [0x3da, OPERATIONS.readParameter],
  [0x3db, OPERATIONS.answer],
  [0x3dc, OPERATIONS.findAddress],
  [0x3dd, OPERATIONS.answer],
  [0x3de, OPERATIONS.writeAddress],
  [0x3e0, OPERATIONS.writeDomain],
  [0x3e1, OPERATIONS.findDomain],
  [0x3e2, OPERATIONS.answer],
  [0x3e3, OPERATIONS.findDomain],
  [0x3e4, OPERATIONS.writeParameter],
  [0x3e5, OPERATIONS.readLink],
  [0x3e6, OPERATIONS.answer],
  [0x3e7, OPERATIONS.writeLink],
  [0x3e8, OPERATIONS.readProperty],
  [0x3e9, OPERATIONS.answer],
  [0x3ea, OPERATIONS.writeProperty],
  [0x3eb, OPERATIONS.answer],
  [0x3ec, OPERATIONS.findDomain],
  [0x3ed, OPERATIONS.answer],
  [0x3ee, OPERATIONS.writeDomain],
  [0x3f1, OPERATIONS.securedTelegram],
]);

const LOW_BITS = 6;

/** The service that ten bits say: the code itself, or without the data that its lower six bits hold. */
export function serviceOf(code: number): number {
  return LONG.has(code) || SHORT[code >> LOW_BITS] === undefined ? code : (code >> LOW_BITS) << LOW_BITS;
}

export function operationOf(code: number): Operation {
  return LONG.get(code) ?? SHORT[code >> LOW_BITS] ?? OPERATIONS.unknown;
}
