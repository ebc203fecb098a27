import { defineOperations, type Operation } from '../../dissector.ts';

/**
 * What a service does depends on the object it is asked of: 0x4E closes a connection of the connection manager and
 * changes bits of a tag. CIP volume 1, appendix A (common services) and chapters 3 and 5; services of tags from
 * Rockwell publication 1756-PM020.
 */
export const OPERATIONS = defineOperations({
  identify: ['read identity', 'discover'],
  getAttributes: ['get attributes', 'read'],
  setAttributes: ['set attributes', 'configure'],
  setAssembly: ['set assembly data', 'write'],
  setClock: ['set clock', 'configure'],
  reset: ['reset', 'control'],
  start: ['start', 'control'],
  stop: ['stop', 'control'],
  create: ['create object', 'program'],
  delete: ['delete object', 'program'],
  multipleServices: ['multiple service packet', 'session'],
  applyAttributes: ['apply attributes', 'configure'],
  findInstance: ['find next object instance', 'discover'],
  errorResponse: ['error response', 'session'],
  restore: ['restore', 'configure'],
  save: ['save', 'configure'],
  noOperation: ['no operation', 'session'],
  getMember: ['get member', 'read'],
  setMember: ['set member', 'configure'],
  setAssemblyMember: ['set assembly member', 'write'],
  insertMember: ['insert member', 'configure'],
  removeMember: ['remove member', 'configure'],
  groupSync: ['group sync', 'session'],
  readTag: ['read tag', 'read'],
  readTagFragmented: ['read tag fragmented', 'read'],
  writeTag: ['write tag', 'write'],
  writeTagFragmented: ['write tag fragmented', 'write'],
  modifyTag: ['read modify write tag', 'write'],
  listTags: ['list tags', 'discover'],
  readTemplate: ['read template', 'discover'],
  unconnectedSend: ['unconnected send', 'session'],
  forwardOpen: ['forward open', 'session'],
  largeForwardOpen: ['large forward open', 'session'],
  forwardClose: ['forward close', 'session'],
  connectionData: ['get connection data', 'read'],
  connectionOwner: ['get connection owner', 'read'],
  executePccc: ['execute PCCC', 'session'],
  executeDhPlus: ['execute DH+', 'session'],
  firmwareUpdate: ['update firmware', 'firmware'],
  firmwareTransfer: ['transfer firmware', 'firmware'],
  firmwareControl: ['complete firmware update', 'firmware'],
  fileUpload: ['upload file', 'program'],
  fileDownload: ['download file', 'program'],
  fileDelete: ['delete file', 'program'],
  objectSpecific: ['object-specific service', 'unknown'],
  unknown: ['unknown service', 'unknown'],
});

export const GET_ATTRIBUTES_ALL = 0x01;
export const GET_ATTRIBUTE_LIST = 0x03;
export const MULTIPLE_SERVICES = 0x0a;
export const GET_ATTRIBUTE_SINGLE = 0x0e;
export const EXECUTE_PCCC = 0x4b;
export const FORWARD_CLOSE = 0x4e;
export const UNCONNECTED_SEND = 0x52;
export const FORWARD_OPEN = 0x54;
export const LARGE_FORWARD_OPEN = 0x5b;

export const IDENTITY = 0x01;
export const CONNECTION_MANAGER = 0x06;
export const PCCC = 0x67;
export const WALL_CLOCK = 0x8b;
const ASSEMBLY = 0x04;
const FILE = 0x37;
const SYMBOL = 0x6b;
const TEMPLATE = 0x6c;
const NON_VOLATILE_STORAGE = 0xa1;

/** Services that mean the same for every object (appendix A). */
const COMMON: readonly (Operation | undefined)[] = Object.assign(Array.from<Operation | undefined>({ length: 128 }), {
  1: OPERATIONS.getAttributes,
  2: OPERATIONS.setAttributes,
  3: OPERATIONS.getAttributes,
  4: OPERATIONS.setAttributes,
  5: OPERATIONS.reset,
  6: OPERATIONS.start,
  7: OPERATIONS.stop,
  8: OPERATIONS.create,
  9: OPERATIONS.delete,
  10: OPERATIONS.multipleServices,
  13: OPERATIONS.applyAttributes,
  14: OPERATIONS.getAttributes,
  16: OPERATIONS.setAttributes,
  17: OPERATIONS.findInstance,
  20: OPERATIONS.errorResponse,
  21: OPERATIONS.restore,
  22: OPERATIONS.save,
  23: OPERATIONS.noOperation,
  24: OPERATIONS.getMember,
  25: OPERATIONS.setMember,
  26: OPERATIONS.insertMember,
  27: OPERATIONS.removeMember,
  28: OPERATIONS.groupSync,
});

const TAG_SERVICES: ReadonlyMap<number, Operation> = new Map([
  [0x4c, OPERATIONS.readTag],
  [0x4d, OPERATIONS.writeTag],
  [0x4e, OPERATIONS.modifyTag],
  [0x52, OPERATIONS.readTagFragmented],
  [0x53, OPERATIONS.writeTagFragmented],
  [0x55, OPERATIONS.listTags],
]);

/** Services from 0x32 on, by object. */
const OF_CLASS: ReadonlyMap<number, ReadonlyMap<number, Operation>> = new Map([
  [
    CONNECTION_MANAGER,
    new Map([
      [FORWARD_CLOSE, OPERATIONS.forwardClose],
      [UNCONNECTED_SEND, OPERATIONS.unconnectedSend],
      [FORWARD_OPEN, OPERATIONS.forwardOpen],
      [0x56, OPERATIONS.connectionData],
      [0x57, OPERATIONS.connectionData],
      [0x5a, OPERATIONS.connectionOwner],
      [LARGE_FORWARD_OPEN, OPERATIONS.largeForwardOpen],
    ]),
  ],
  [
    // CIP volume 1, section 5-42: initiate upload, initiate download, partial read, partial write, upload, download, clear.
    FILE,
    new Map([
      [0x4b, OPERATIONS.fileUpload],
      [0x4c, OPERATIONS.fileDownload],
      [0x4d, OPERATIONS.fileUpload],
      [0x4e, OPERATIONS.fileDownload],
      [0x4f, OPERATIONS.fileUpload],
      [0x50, OPERATIONS.fileDownload],
      [0x51, OPERATIONS.fileDelete],
    ]),
  ],
  [
    PCCC,
    new Map([
      [EXECUTE_PCCC, OPERATIONS.executePccc],
      [0x4c, OPERATIONS.executeDhPlus],
      [0x4d, OPERATIONS.executeDhPlus],
    ]),
  ],
  [SYMBOL, TAG_SERVICES],
  [TEMPLATE, new Map([[0x4c, OPERATIONS.readTemplate]])],
  [
    NON_VOLATILE_STORAGE,
    new Map([
      [0x4b, OPERATIONS.firmwareUpdate],
      [0x4d, OPERATIONS.firmwareTransfer],
      [0x51, OPERATIONS.firmwareControl],
    ]),
  ],
]);

/** What the same common service does where the object makes it more than a setting. */
function commonOperation(service: number, classId: number | undefined): Operation | undefined {
  const operation = COMMON[service];
  switch (classId) {
    case IDENTITY:
      return operation === OPERATIONS.getAttributes ? OPERATIONS.identify : operation;
    case ASSEMBLY:
      return operation === OPERATIONS.setAttributes
        ? OPERATIONS.setAssembly
        : operation === OPERATIONS.setMember
          ? OPERATIONS.setAssemblyMember
          : operation;
    case WALL_CLOCK:
      return operation === OPERATIONS.setAttributes ? OPERATIONS.setClock : operation;
    default:
      return operation;
  }
}

/** First code that belongs to the object, not to CIP (appendix A-1). */
const OBJECT_SPECIFIC = 0x32;

export function operationOf(service: number, classId: number | undefined, isTag: boolean): Operation {
  if (service < OBJECT_SPECIFIC) {
    return commonOperation(service, classId) ?? OPERATIONS.unknown;
  }
  const named = classId === undefined ? undefined : OF_CLASS.get(classId)?.get(service);
  return named ?? (isTag ? TAG_SERVICES.get(service) : undefined) ?? OPERATIONS.objectSpecific;
}

/** General status codes (CIP volume 1, appendix B-1). */
export const GENERAL_STATUS: ReadonlyMap<number, string> = new Map([
  [0x01, 'connection failure'],
  [0x02, 'resource unavailable'],
  [0x03, 'invalid parameter value'],
  [0x04, 'path segment error'],
  [0x05, 'path destination unknown'],
  [0x07, 'connection lost'],
  [0x08, 'service not supported'],
  [0x09, 'invalid attribute value'],
  [0x0a, 'attribute list error'],
  [0x0b, 'already in requested mode or state'],
  [0x0c, 'object state conflict'],
  [0x0d, 'object already exists'],
  [0x0e, 'attribute not settable'],
  [0x0f, 'privilege violation'],
  [0x10, 'device state conflict'],
  [0x11, 'reply data too large'],
  [0x12, 'fragmentation of a primitive value'],
  [0x13, 'not enough data'],
  [0x14, 'attribute not supported'],
  [0x15, 'too much data'],
  [0x16, 'object does not exist'],
  [0x17, 'service fragmentation sequence not in progress'],
  [0x18, 'no stored attribute data'],
  [0x19, 'store operation failure'],
  [0x1a, 'request packet too large for the route'],
  [0x1b, 'response packet too large for the route'],
  [0x1c, 'missing attribute list entry data'],
  [0x1d, 'invalid attribute value list'],
  [0x1f, 'vendor-specific error'],
  [0x20, 'invalid parameter'],
  [0x21, 'write-once value already written'],
  [0x22, 'invalid reply received'],
  [0x23, 'buffer overflow'],
  [0x24, 'message format error'],
  [0x25, 'key failure in path'],
  [0x26, 'path size invalid'],
  [0x27, 'unexpected attribute in list'],
  [0x28, 'invalid member'],
  [0x29, 'member not settable'],
  [0x2a, 'group 2 only server: general failure'],
  [0x2b, 'unknown Modbus error'],
  [0x2c, 'attribute not gettable'],
  [0x2d, 'instance not deletable'],
  [0x2e, 'service not supported for the path'],
  [0xff, 'error of the object'],
]);
