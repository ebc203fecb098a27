import { defineOperations, type Operation } from '../../dissector.ts';

/** What a call does is the interface's business: only interfaces whose every call is known by purpose are named. */
export const OPERATIONS = defineOperations({
  bind: ['bind', 'session'],
  alterContext: ['alter context', 'session'],
  authenticate: ['authenticate', 'authenticate'],
  manage: ['manage call', 'session'],
  controlServices: ['control services', 'control'],
  queryServices: ['query services', 'read'],
  scheduleTasks: ['schedule tasks', 'control'],
  lookUpEndpoints: ['look up endpoints', 'discover'],
  resolveObjects: ['resolve objects', 'discover'],
  activateObject: ['activate object', 'session'],
  countReferences: ['count object references', 'session'],
  profinet: ['PROFINET IO call', 'session'],
  unknown: ['unknown call', 'unknown'],
});

/** PROFINET IO: devices, controllers, supervisors, parameter servers (IEC 61158-6-10, section 4.10.3). */
export const PROFINET_CONTROLLER = 'dea00002-6c97-11d1-8271-00a02442df7d';
/** MS-SCMR, section 1.9. */
const SERVICE_CONTROL = '367abb81-9844-35f1-ad32-98f038001003';

const BY_INTERFACE: ReadonlyMap<string, Operation> = new Map([
  ['dea00001-6c97-11d1-8271-00a02442df7d', OPERATIONS.profinet],
  [PROFINET_CONTROLLER, OPERATIONS.profinet],
  ['dea00003-6c97-11d1-8271-00a02442df7d', OPERATIONS.profinet],
  ['dea00004-6c97-11d1-8271-00a02442df7d', OPERATIONS.profinet],
  [SERVICE_CONTROL, OPERATIONS.controlServices],
  // MS-TSCH, section 1.9: the scheduler of Windows Vista and later, and the two before it.
  ['86d35949-83c9-4044-b424-db363231fd0c', OPERATIONS.scheduleTasks],
  ['1ff70682-0a51-30e8-076d-740be8cee98b', OPERATIONS.scheduleTasks],
  ['378e52b0-c0a9-11cf-822d-00aa0051e40f', OPERATIONS.scheduleTasks],
  // C706, appendix O.
  ['e1af8308-5d1f-11c9-91a4-08002b14a0fa', OPERATIONS.lookUpEndpoints],
  // MS-DCOM, section 1.9: object exporter, activation, remote unknown.
  ['99fcfec4-5260-101b-bbcb-00aa0021347a', OPERATIONS.resolveObjects],
  ['000001a0-0000-0000-c000-000000000046', OPERATIONS.activateObject],
  ['4d9f4ab8-7d1c-11cf-861e-0020af6e7c57', OPERATIONS.activateObject],
  ['00000131-0000-0000-c000-000000000046', OPERATIONS.countReferences],
  ['00000143-0000-0000-c000-000000000046', OPERATIONS.countReferences],
]);

/** MS-SCMR, section 3.1.4: close, query, list, open and look up names; all others change or start something. */
const SERVICE_QUERIES: ReadonlySet<number> = new Set([
  0, 4, 6, 13, 14, 15, 16, 17, 18, 20, 21, 25, 26, 27, 28, 29, 30, 32, 33, 38, 39, 40, 41, 42, 43, 44, 47, 49, 56, 64,
]);

export function callOperation(interfaceId: string | undefined, opnum: number | undefined): Operation {
  const operation = interfaceId === undefined ? undefined : BY_INTERFACE.get(interfaceId);
  if (operation === OPERATIONS.controlServices && opnum !== undefined && SERVICE_QUERIES.has(opnum)) {
    return OPERATIONS.queryServices;
  }
  return operation ?? OPERATIONS.unknown;
}
