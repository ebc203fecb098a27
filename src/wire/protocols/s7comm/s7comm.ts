import { defineDissector, Malformed, NOTHING } from '../../dissector.ts';
import type { Fields } from './fields.ts';
import { readAnswer, readJob } from './jobs.ts';
import { observeRequest, observeServer, observeStatement } from './observe.ts';
import { OPERATIONS } from './operations.ts';
import { readUserData } from './user-data.ts';

const PROTOCOL_ID = 0x32;
const JOB = 1;
const ACKNOWLEDGE = 2;
const ANSWER = 3;
const USER_DATA = 7;
const HEADER = 10;

export const s7comm = defineDissector<Fields>({
  name: 's7comm',
  title: 'S7 communication',
  source: 'Published research on S7 communication; STEP 7 reference manual, system status lists and error codes',
  at: [{ within: 'cotp' }],
  operations: OPERATIONS,
  fields: {
    pduType: '1 job, 2 acknowledgement, 3 answer with data, 7 user data',
    pduReference: 'Pairs an answer with its job',
    functionCode: 'The function, in a job and its answer',
    functionGroup: 'Group of user data functions: 1 programmer, 2 cyclic, 3 blocks, 4 CPU, 5 security, 7 clock',
    subfunction: 'The function within its group, in user data',
    errorCode: 'Why an answer refuses: class and code, in an answer only',
    returnCode: 'Result of the first item that failed, else 255, in an answer to a read or write',
    itemCount: 'How many variables are read or written',
    area: 'Memory area of the first variable: 129 inputs, 130 outputs, 131 flags, 132 data block',
    block: 'Data block of the first variable',
    address: 'Start of the first variable: bytes times 8, plus the bit',
    count: 'How many elements the first variable has',
    maximumPdu: 'Longest message the sender takes, in the set-up of communication',
    service: 'Name of the program invocation service',
    argument: 'What the service is applied to, unless it may hold a password',
    blockName: 'Block or blocks that are loaded, inserted, deleted or asked about',
    loadLength: 'Announced length of a downloaded block in bytes',
    szlId: 'Number of the system status list',
    szlIndex: 'Index within the system status list',
    entries: 'Entries of an identification list, in an answer only',
    mode: 'Mode that the controller states',
    protectionLevel: 'Protection level in force, 1 none to 3 reading and writing need a password',
    clock: 'Time that is stated or set, in the local time of the controller',
  },

  recognise(reader) {
    const type = reader.peek(1);
    const known = type === JOB || type === ACKNOWLEDGE || type === ANSWER || type === USER_DATA;
    return reader.length >= HEADER && reader.peek(0) === PROTOCOL_ID && known ? 'strong' : 'no';
  },

  read(reader, context) {
    const protocolId = reader.u8();
    const pduType = reader.u8();
    reader.skip(2);
    const pduReference = reader.u16be();
    const parameterLength = reader.u16be();
    const dataLength = reader.u16be();
    const errorCode = pduType === ACKNOWLEDGE || pduType === ANSWER ? reader.u16be() : 0;
    if (protocolId !== PROTOCOL_ID && !reader.truncated) {
      return new Malformed(`protocol id is ${protocolId}, not 50`);
    }
    reader.limit(parameterLength + dataLength);
    const header = { pduType, pduReference, parameterLength, errorCode };
    switch (pduType) {
      case JOB:
        return readJob(reader, header, context);
      case ACKNOWLEDGE:
      case ANSWER:
        return readAnswer(reader, header, context);
      case USER_DATA:
        return readUserData(reader, header, context);
      default:
        return { direction: 'report', operation: OPERATIONS.unknown, fields: { pduType, pduReference } };
    }
  },

  observe(reading, context) {
    const { direction, fields } = reading;
    if (direction === 'request') {
      return observeRequest(reading, context);
    }
    if (fields.entries !== undefined || fields.clock !== undefined) {
      return observeStatement(fields, context);
    }
    return direction === 'response' && reading.refused === undefined ? observeServer(reading, context) : NOTHING;
  },
});
