import { defineOperations, type Operation } from '../../dissector.ts';

export const OPERATIONS = defineOperations({
  resolve: ['resolve object exporter', 'discover'],
  ping: ['ping objects', 'session'],
  alive: ['ask whether alive', 'discover'],
  addresses: ['ask for addresses', 'discover'],
  classObject: ['get class object', 'session'],
  create: ['create instance', 'session'],
  queryInterface: ['query interface', 'session'],
  addReference: ['add reference', 'session'],
  release: ['release reference', 'session'],
  connections: ['list connection points', 'session'],
  findConnection: ['find connection point', 'session'],
  describeConnection: ['describe connection point', 'session'],
  advise: ['advise', 'session'],
  unadvise: ['unadvise', 'session'],
  next: ['next of a list', 'discover'],
  moveInList: ['move in a list', 'session'],
  dataChange: ['report data change', 'report'],
  unknown: ['unknown call', 'unknown'],
});

/** MS-DCOM, section 1.9. The first two have no object behind them, so their calls have no head of their own. */
export const OBJECT_EXPORTER = '99fcfec4-5260-101b-bbcb-00aa0021347a';
export const ACTIVATION = '4d9f4ab8-7d1c-11cf-861e-0020af6e7c57';
export const SYSTEM_ACTIVATOR = '000001a0-0000-0000-c000-000000000046';
export const REMOTE_UNKNOWN = '00000131-0000-0000-c000-000000000046';
export const REMOTE_UNKNOWN_2 = '00000143-0000-0000-c000-000000000046';
const CONNECTION_POINT = 'b196b286-bab4-101a-b69c-00aa00341d07';

/** Numbers of calls. */
export const RESOLVE_OXID = 0;
export const RESOLVE_OXID_2 = 4;
export const SERVER_ALIVE_2 = 5;
export const REMOTE_ACTIVATION = 0;
export const GET_CLASS_OBJECT = 3;
export const CREATE_INSTANCE = 4;
export const QUERY_INTERFACE = 3;
export const ADD_REFERENCE = 4;
export const RELEASE = 5;
export const ADVISE = 5;

/** The first three calls of an object's interface never travel as such. */
const FIRST_METHOD = 3;

const { next, moveInList, advise, unadvise, connections } = OPERATIONS;
const LIST: readonly Operation[] = [next, moveInList, moveInList, moveInList];
const REFERENCES: readonly Operation[] = [OPERATIONS.queryInterface, OPERATIONS.addReference, OPERATIONS.release];

const DATA_ACCESS: readonly Operation[] = Array.from({ length: 6 }, () => OPERATIONS.unknown);

/** By interface: its operations from the third on; of others the purpose is not known. */
const METHODS: ReadonlyMap<string, readonly Operation[]> = new Map<string, readonly Operation[]>([
  [SYSTEM_ACTIVATOR, [OPERATIONS.classObject, OPERATIONS.create]],
  [REMOTE_UNKNOWN, REFERENCES],
  [REMOTE_UNKNOWN_2, [...REFERENCES, OPERATIONS.queryInterface]],
  // Connection point container, connection point: who wants to be called back by whom.
  ['b196b284-bab4-101a-b69c-00aa00341d07', [OPERATIONS.connections, OPERATIONS.findConnection]],
  [CONNECTION_POINT, [OPERATIONS.describeConnection, OPERATIONS.describeConnection, advise, unadvise, connections]],
  // Lists: of connection points, connections, unknown objects, texts, identifiers.
  ['b196b285-bab4-101a-b69c-00aa00341d07', LIST],
  ['b196b287-bab4-101a-b69c-00aa00341d07', LIST],
  ['00000100-0000-0000-c000-000000000046', LIST],
  ['00000101-0000-0000-c000-000000000046', LIST],
  ['0002e000-0000-0000-c000-000000000046', LIST],
  // Data object and its sink, which OPC DA 1 reports through: only what a subscription needs.
  ['0000010e-0000-0000-c000-000000000046', [...DATA_ACCESS, advise, unadvise, connections]],
  ['0000010f-0000-0000-c000-000000000046', [OPERATIONS.dataChange]],
]);

/** MS-DCOM, section 3.1.2.5.1. */
const EXPORTER_CALLS: readonly Operation[] = [
  OPERATIONS.resolve,
  OPERATIONS.ping,
  OPERATIONS.ping,
  OPERATIONS.alive,
  OPERATIONS.resolve,
  OPERATIONS.addresses,
];

export const INTERFACES: readonly string[] = [OBJECT_EXPORTER, ACTIVATION, ...METHODS.keys()];

const KNOWN: ReadonlySet<string> = new Set(INTERFACES);

export function isKnown(interfaceId: string): boolean {
  return KNOWN.has(interfaceId);
}

export function operationOf(interfaceId: string | undefined, opnum: number | undefined): Operation {
  if (interfaceId === undefined || opnum === undefined) {
    return OPERATIONS.unknown;
  }
  if (interfaceId === OBJECT_EXPORTER) {
    return EXPORTER_CALLS[opnum] ?? OPERATIONS.unknown;
  }
  if (interfaceId === ACTIVATION) {
    return opnum === REMOTE_ACTIVATION ? OPERATIONS.create : OPERATIONS.unknown;
  }
  return METHODS.get(interfaceId)?.[opnum - FIRST_METHOD] ?? OPERATIONS.unknown;
}
