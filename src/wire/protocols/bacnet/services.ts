import { defineOperations, type Operation } from '../../dissector.ts';

/** ASHRAE 135, clauses 13 to 17 (services), 6.4 (network layer) and J.2 (virtual link layer). */
export const OPERATIONS = defineOperations({
  acknowledgeAlarm: ['acknowledge an alarm', 'write'],
  covNotification: ['report a changed value', 'report'],
  eventNotification: ['report an event', 'report'],
  getAlarmSummary: ['read the alarm summary', 'read'],
  getEnrollmentSummary: ['read the event enrollments', 'read'],
  subscribeCov: ['subscribe to changes', 'read'],
  readFile: ['read a file', 'read'],
  writeFile: ['write a file', 'program'],
  addListElement: ['add list elements', 'configure'],
  removeListElement: ['remove list elements', 'configure'],
  createObject: ['create an object', 'configure'],
  deleteObject: ['delete an object', 'configure'],
  readProperty: ['read a property', 'read'],
  readPropertyConditional: ['read properties by condition', 'read'],
  readPropertyMultiple: ['read several properties', 'read'],
  writeProperty: ['write a property', 'write'],
  writePropertyMultiple: ['write several properties', 'write'],
  deviceCommunicationControl: ['silence or enable a device', 'control'],
  privateTransfer: ['private transfer', 'unknown'],
  textMessage: ['send a text message', 'report'],
  reinitializeDevice: ['restart a device', 'control'],
  openTerminal: ['open a virtual terminal', 'session'],
  closeTerminal: ['close a virtual terminal', 'session'],
  terminalData: ['virtual terminal data', 'unknown'],
  authenticate: ['authenticate', 'authenticate'],
  requestKey: ['request a key', 'authenticate'],
  readRange: ['read a range', 'read'],
  lifeSafetyOperation: ['operate life safety', 'control'],
  getEventInformation: ['read event states', 'read'],
  auditNotification: ['report for the audit log', 'report'],
  auditLogQuery: ['query the audit log', 'read'],
  iAm: ['announce a device', 'discover'],
  iHave: ['announce an object', 'discover'],
  timeSynchronization: ['set the clock', 'configure'],
  whoHas: ['find an object', 'discover'],
  whoIs: ['find devices', 'discover'],
  writeGroup: ['write a group of channels', 'write'],
  whoAmI: ['ask for an identity', 'discover'],
  youAre: ['assign an identity', 'configure'],
  segmentAck: ['acknowledge segments', 'session'],
  reject: ['reject', 'session'],
  abort: ['abort', 'session'],
  findRouter: ['find routers', 'discover'],
  announceRouter: ['announce a router', 'discover'],
  routerStatus: ['report the state of a router', 'report'],
  routingTable: ['read or write a routing table', 'configure'],
  routerConnection: ['connect or disconnect a network', 'session'],
  networkSecurity: ['secure a network message', 'authenticate'],
  networkNumber: ['ask or tell a network number', 'discover'],
  linkResult: ['result of the link layer', 'session'],
  writeBroadcastTable: ['write the broadcast distribution table', 'configure'],
  readBroadcastTable: ['read the broadcast distribution table', 'discover'],
  registerForeignDevice: ['register as a foreign device', 'session'],
  readForeignDevices: ['read the foreign device table', 'discover'],
  deleteForeignDevice: ['delete a foreign device', 'configure'],
  resolveAddress: ['resolve a virtual address', 'discover'],
  secureLink: ['secured link message', 'session'],
  token: ['pass the token', 'session'],
  unknown: ['unknown service', 'unknown'],
});

/** Clause 21, BACnetConfirmedServiceChoice, by number. */
const CONFIRMED: readonly Operation[] = [
  OPERATIONS.acknowledgeAlarm,
  OPERATIONS.covNotification,
  OPERATIONS.eventNotification,
  OPERATIONS.getAlarmSummary,
  OPERATIONS.getEnrollmentSummary,
  OPERATIONS.subscribeCov,
  OPERATIONS.readFile,
  OPERATIONS.writeFile,
  OPERATIONS.addListElement,
  OPERATIONS.removeListElement,
  OPERATIONS.createObject,
  OPERATIONS.deleteObject,
  OPERATIONS.readProperty,
  OPERATIONS.readPropertyConditional,
  OPERATIONS.readPropertyMultiple,
  OPERATIONS.writeProperty,
  OPERATIONS.writePropertyMultiple,
  OPERATIONS.deviceCommunicationControl,
  OPERATIONS.privateTransfer,
  OPERATIONS.textMessage,
  OPERATIONS.reinitializeDevice,
  OPERATIONS.openTerminal,
  OPERATIONS.closeTerminal,
  OPERATIONS.terminalData,
  OPERATIONS.authenticate,
  OPERATIONS.requestKey,
  OPERATIONS.readRange,
  OPERATIONS.lifeSafetyOperation,
  OPERATIONS.subscribeCov,
  OPERATIONS.getEventInformation,
  OPERATIONS.subscribeCov,
  OPERATIONS.covNotification,
  OPERATIONS.auditNotification,
  OPERATIONS.auditLogQuery,
];

/** Clause 21, BACnetUnconfirmedServiceChoice, by number. */
const UNCONFIRMED: readonly Operation[] = [
  OPERATIONS.iAm,
  OPERATIONS.iHave,
  OPERATIONS.covNotification,
  OPERATIONS.eventNotification,
  OPERATIONS.privateTransfer,
  OPERATIONS.textMessage,
  OPERATIONS.timeSynchronization,
  OPERATIONS.whoHas,
  OPERATIONS.whoIs,
  OPERATIONS.timeSynchronization,
  OPERATIONS.writeGroup,
  OPERATIONS.covNotification,
  OPERATIONS.auditNotification,
  OPERATIONS.whoAmI,
  OPERATIONS.youAre,
];

/** Clause 6.2.4, network layer message types. */
const NETWORK: ReadonlyMap<number, Operation> = new Map([
  [0x00, OPERATIONS.findRouter],
  [0x01, OPERATIONS.announceRouter],
  [0x02, OPERATIONS.announceRouter],
  [0x03, OPERATIONS.routerStatus],
  [0x04, OPERATIONS.routerStatus],
  [0x05, OPERATIONS.routerStatus],
  [0x06, OPERATIONS.routingTable],
  [0x07, OPERATIONS.routingTable],
  [0x08, OPERATIONS.routerConnection],
  [0x09, OPERATIONS.routerConnection],
  [0x0a, OPERATIONS.networkSecurity],
  [0x0b, OPERATIONS.networkSecurity],
  [0x0c, OPERATIONS.networkSecurity],
  [0x0d, OPERATIONS.networkSecurity],
  [0x0e, OPERATIONS.networkSecurity],
  [0x0f, OPERATIONS.networkSecurity],
  [0x10, OPERATIONS.networkSecurity],
  [0x11, OPERATIONS.networkSecurity],
  [0x12, OPERATIONS.networkNumber],
  [0x13, OPERATIONS.networkNumber],
]);

/** Clause J.2, functions of BACnet/IP that hold no NPDU. */
const LINK: readonly (Operation | undefined)[] = [
  OPERATIONS.linkResult,
  OPERATIONS.writeBroadcastTable,
  OPERATIONS.readBroadcastTable,
  OPERATIONS.readBroadcastTable,
  undefined,
  OPERATIONS.registerForeignDevice,
  OPERATIONS.readForeignDevices,
  OPERATIONS.readForeignDevices,
  OPERATIONS.deleteForeignDevice,
  undefined,
  undefined,
  undefined,
  OPERATIONS.secureLink,
];

/** Clause U.2, functions of BACnet/IPv6 that hold no NPDU. */
const LINK_IPV6: readonly (Operation | undefined)[] = [
  OPERATIONS.linkResult,
  undefined,
  undefined,
  OPERATIONS.resolveAddress,
  OPERATIONS.resolveAddress,
  OPERATIONS.resolveAddress,
  OPERATIONS.resolveAddress,
  OPERATIONS.resolveAddress,
  undefined,
  OPERATIONS.registerForeignDevice,
  OPERATIONS.deleteForeignDevice,
  OPERATIONS.secureLink,
];

export function confirmed(service: number): Operation {
  return CONFIRMED[service] ?? OPERATIONS.unknown;
}

export function unconfirmed(service: number): Operation {
  return UNCONFIRMED[service] ?? OPERATIONS.unknown;
}

export function ofNetwork(type: number): Operation {
  return NETWORK.get(type) ?? OPERATIONS.unknown;
}

export function ofLink(ipv6: boolean, code: number): Operation {
  return (ipv6 ? LINK_IPV6 : LINK)[code] ?? OPERATIONS.unknown;
}
