import { defineDissector, defineOperations, Malformed, MORE, NOT_MINE, type Operation } from '../../dissector.ts';

interface Fields {
  readonly command: number;
  readonly errorCode?: number;
  readonly clientNode?: number;
  readonly serverNode?: number;
}

const OPERATIONS = defineOperations({
  assignNode: ['agree on node addresses', 'session'],
  frame: ['FINS frame', 'session'],
  error: ['frame not sent', 'session'],
  confirm: ['confirm connection', 'session'],
  unknown: ['unknown command', 'unknown'],
});

/** W421, section 7-4: the header is `FINS`, length of what follows it, command, error code. */
const MAGIC: readonly number[] = [0x46, 0x49, 0x4e, 0x53];
const MAGIC_NUMBER = 0x46494e53;
const PREFIX = 8;
const SHORTEST = 8;
const LONGEST = 4096;

const ASK_NODE = 0;
const TELL_NODE = 1;
const FRAME = 2;
const FRAME_ERROR = 3;
const CONFIRM = 6;

const BY_COMMAND: ReadonlyMap<number, Operation> = new Map([
  [ASK_NODE, OPERATIONS.assignNode],
  [TELL_NODE, OPERATIONS.assignNode],
  [FRAME, OPERATIONS.frame],
  [FRAME_ERROR, OPERATIONS.error],
  [CONFIRM, OPERATIONS.confirm],
]);

const ERRORS: ReadonlyMap<number, string> = new Map([
  [0x01, 'header is not FINS'],
  [0x02, 'data too long'],
  [0x03, 'command not supported'],
  [0x20, 'all connections in use'],
  [0x21, 'node is already connected'],
  [0x22, 'client is not permitted'],
  [0x23, 'client node address out of range'],
  [0x24, 'client and server have the same node address'],
  [0x25, 'no node address is free'],
]);

export const finsTcp = defineDissector<Fields>({
  name: 'fins_tcp',
  title: 'FINS/TCP',
  source: 'Omron W421, Ethernet Units Construction of Applications, section 7-4',
  at: [{ tcp: 9600 }],
  envelope: true,
  operations: OPERATIONS,
  fields: {
    command: '0 client asks for node addresses, 1 server tells them, 2 FINS frame, 3 error, 6 confirmation',
    errorCode: 'Why the server refuses, where it does',
    clientNode: 'FINS node of the client; 0 asks the server to choose',
    serverNode: 'FINS node of the server',
  },

  cut(reader) {
    for (let at = 0; at < MAGIC.length && at < reader.remaining; at++) {
      if (reader.peek(at) !== MAGIC[at]) {
        return NOT_MINE;
      }
    }
    if (reader.remaining < PREFIX) {
      return MORE;
    }
    reader.skip(4);
    const length = reader.u32be();
    return length < SHORTEST || length > LONGEST ? NOT_MINE : PREFIX + length;
  },

  recognise(reader) {
    const magic = reader.u32be();
    const length = reader.u32be();
    const command = reader.u32be();
    const fits = magic === MAGIC_NUMBER && length >= SHORTEST && length <= LONGEST;
    return !reader.truncated && fits && BY_COMMAND.has(command) ? 'strong' : 'no';
  },

  read(reader, context) {
    const magic = reader.u32be();
    reader.limit(reader.u32be());
    const command = reader.u32be();
    const errorCode = reader.u32be();
    if (magic !== MAGIC_NUMBER && !reader.truncated) {
      return new Malformed('header does not start with FINS');
    }
    const operation = BY_COMMAND.get(command) ?? OPERATIONS.unknown;
    const refused = errorCode === 0 ? undefined : (ERRORS.get(errorCode) ?? `error ${errorCode}`);
    switch (command) {
      case ASK_NODE:
        return { direction: 'request', operation, pair: 0, fields: { command, clientNode: reader.u32be() } };
      case TELL_NODE:
        return refused === undefined
          ? {
              direction: 'response',
              operation,
              pair: 0,
              fields: { command, clientNode: reader.u32be(), serverNode: reader.u32be() },
            }
          : { direction: 'response', operation, pair: 0, refused, fields: { command, errorCode } };
      case FRAME:
        return {
          direction: 'report',
          operation,
          fields: { command },
          carries: [{ bytes: reader.rest(), key: FRAME }],
        };
      case FRAME_ERROR:
        return { direction: 'report', operation, fields: { command, errorCode } };
      default:
        return { direction: context.fromClient ? 'request' : 'report', operation, fields: { command } };
    }
  },
});
