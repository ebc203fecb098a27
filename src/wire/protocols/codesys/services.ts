import { defineOperations, type Operation } from '../../dissector.ts';

/** Services of the runtime, as its vendor's libraries and the research on it number them. All others are unknown. */
export const OPERATIONS = defineOperations({
  identify: ['identify', 'discover'],
  announce: ['announce an address', 'session'],
  channelInfo: ['ask for channels', 'session'],
  openChannel: ['open a channel', 'session'],
  closeChannel: ['close a channel', 'session'],
  acknowledge: ['acknowledge a block', 'session'],
  keepAlive: ['keep a channel alive', 'session'],
  block: ['send a part of a message', 'session'],
  deviceInfo: ['read the target id', 'discover'],
  login: ['log in to the device', 'authenticate'],
  logout: ['log out of the device', 'session'],
  createSession: ['create a session', 'session'],
  echo: ['echo', 'session'],
  resetOrigin: ['reset the device to its origin', 'control'],
  setMode: ['set the operating mode', 'control'],
  getMode: ['read the operating mode', 'read'],
  renameNode: ['rename the node', 'configure'],
  appSession: ['log in to or out of an application', 'session'],
  createApp: ['create an application', 'program'],
  deleteApp: ['delete an application', 'program'],
  download: ['download an application', 'program'],
  onlineChange: ['change an application online', 'program'],
  bootApp: ['make or load a boot application', 'program'],
  start: ['start an application', 'control'],
  stop: ['stop an application', 'control'],
  reset: ['reset an application', 'control'],
  breakpoint: ['set or delete a breakpoint', 'control'],
  step: ['step an application', 'control'],
  appStatus: ['read the state of applications', 'read'],
  appInfo: ['read what is known of an application', 'read'],
  releaseForces: ['release forced values', 'write'],
  readForces: ['read forced values', 'read'],
  readFlow: ['read flow values', 'read'],
  saveRetains: ['save retained values', 'control'],
  restoreRetains: ['restore retained values', 'write'],
  readVariables: ['read variables', 'read'],
  writeVariables: ['write variables', 'write'],
  variableList: ['keep a list of variables', 'session'],
  browse: ['browse variables', 'discover'],
  readLog: ['read the log', 'read'],
  fileInfo: ['list files', 'read'],
  readFile: ['read a file', 'program'],
  writeFile: ['write, delete or rename a file', 'program'],
  closeFile: ['close a file', 'session'],
  readCertificates: ['read certificates', 'read'],
  writeCertificates: ['change certificates', 'configure'],
  shell: ['run a shell command', 'unknown'],
  secured: ['secured message', 'unknown'],
  unknown: ['unknown service', 'unknown'],
});

const DEVICE = 0x01;
const APPLICATION = 0x02;
const MONITORING = 0x03;
const LOG = 0x05;
const FILES = 0x08;
const VARIABLES = 0x09;
const SHELL = 0x11;
const MONITORING_2 = 0x1b;
const CERTIFICATES = 0x22;

const TABLE: readonly (readonly [group: number, services: readonly number[], operation: Operation])[] = [
  [DEVICE, [1], OPERATIONS.deviceInfo],
  [DEVICE, [2, 8], OPERATIONS.login],
  [DEVICE, [3], OPERATIONS.logout],
  [DEVICE, [4], OPERATIONS.resetOrigin],
  [DEVICE, [5], OPERATIONS.echo],
  [DEVICE, [6], OPERATIONS.setMode],
  [DEVICE, [7], OPERATIONS.getMode],
  [DEVICE, [9], OPERATIONS.renameNode],
  [DEVICE, [10], OPERATIONS.createSession],
  [APPLICATION, [1, 2], OPERATIONS.appSession],
  [APPLICATION, [3, 8], OPERATIONS.createApp],
  [APPLICATION, [4], OPERATIONS.deleteApp],
  [APPLICATION, [5, 7, 0x30, 0x34], OPERATIONS.download],
  [APPLICATION, [6], OPERATIONS.onlineChange],
  [APPLICATION, [0x10], OPERATIONS.start],
  [APPLICATION, [0x11], OPERATIONS.stop],
  [APPLICATION, [0x12, 0x24], OPERATIONS.reset],
  [APPLICATION, [0x13, 0x15], OPERATIONS.breakpoint],
  [APPLICATION, [0x19, 0x22], OPERATIONS.step],
  [APPLICATION, [0x14, 0x25], OPERATIONS.appStatus],
  [APPLICATION, [0x16, 0x17, 0x18, 0x28, 0x29, 0x31, 0x35, 0x38], OPERATIONS.appInfo],
  [APPLICATION, [0x20], OPERATIONS.releaseForces],
  [APPLICATION, [0x21], OPERATIONS.readForces],
  [APPLICATION, [0x23, 0x26, 0x27], OPERATIONS.bootApp],
  [APPLICATION, [0x33], OPERATIONS.readFlow],
  [APPLICATION, [0x36], OPERATIONS.saveRetains],
  [APPLICATION, [0x37], OPERATIONS.restoreRetains],
  [MONITORING, [1], OPERATIONS.readVariables],
  [MONITORING, [2], OPERATIONS.writeVariables],
  [MONITORING_2, [1], OPERATIONS.readVariables],
  [MONITORING_2, [2], OPERATIONS.writeVariables],
  [VARIABLES, [1, 2, 0x0b], OPERATIONS.variableList],
  [VARIABLES, [3, 5, 0x0a], OPERATIONS.readVariables],
  [VARIABLES, [4, 6], OPERATIONS.writeVariables],
  [VARIABLES, [7, 8, 9], OPERATIONS.browse],
  [LOG, [1, 2, 3], OPERATIONS.readLog],
  [FILES, [1, 0x0c], OPERATIONS.fileInfo],
  [FILES, [2, 3, 4, 0x0e, 0x0f, 0x10, 0x11, 0x12], OPERATIONS.writeFile],
  [FILES, [5, 6, 7], OPERATIONS.readFile],
  [FILES, [8, 9], OPERATIONS.closeFile],
  [CERTIFICATES, [2, 5, 6, 9], OPERATIONS.readCertificates],
  [CERTIFICATES, [1, 3, 4, 7], OPERATIONS.writeCertificates],
  [SHELL, [1], OPERATIONS.shell],
];

const BY_SERVICE: ReadonlyMap<number, Operation> = new Map(
  TABLE.flatMap(([group, services, operation]) =>
    services.map((service) => [group * 0x10000 + service, operation] as const),
  ),
);

export function ofService(group: number, service: number): Operation {
  return BY_SERVICE.get(group * 0x10000 + service) ?? OPERATIONS.unknown;
}
