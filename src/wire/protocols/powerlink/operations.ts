import { defineOperations, type ReadingDraft } from '../../dissector.ts';

export const OPERATIONS = defineOperations({
  startOfCycle: ['start of cycle', 'report'],
  pollRequest: ['poll request', 'report'],
  pollResponse: ['poll response', 'report'],
  startOfAsynchronous: ['start of asynchronous phase', 'report'],
  invite: ['invite to send', 'session'],
  identify: ['identify', 'discover'],
  readStatus: ['read status', 'read'],
  askCommand: ['ask for NMT command', 'control'],
  startNode: ['start node', 'control'],
  stopNode: ['stop node', 'control'],
  preOperational: ['enter pre-operational', 'control'],
  ready: ['enable ready to operate', 'control'],
  resetNode: ['reset node', 'control'],
  resetCommunication: ['reset communication', 'control'],
  resetConfiguration: ['reset configuration', 'control'],
  softwareReset: ['software reset', 'control'],
  setHostName: ['set host name', 'configure'],
  flushAddress: ['flush address entry', 'configure'],
  publish: ['publish node information', 'report'],
  otherCommand: ['other NMT command', 'unknown'],
  connection: ['SDO connection', 'session'],
  readObject: ['read object', 'read'],
  writeObject: ['write object', 'configure'],
  readFile: ['read file', 'read'],
  writeFile: ['write file', 'firmware'],
  segmentSize: ['agree on segment size', 'session'],
  otherTransfer: ['other SDO command', 'unknown'],
  redundancy: ['managing node indication', 'report'],
  manufacturer: ['manufacturer service', 'unknown'],
  unknown: ['unknown message', 'unknown'],
});

export interface Fields {
  readonly messageType: number;
  readonly destination: number;
  readonly source: number;
  readonly state?: number;
  readonly size?: number;
  readonly safety?: boolean;
  readonly service?: number;
  readonly target?: number;
  readonly command?: number;
  readonly transaction?: number;
  readonly object?: number;
  readonly subIndex?: number;
  readonly code?: number;
  readonly value?: number | string;
  readonly deviceType?: number;
  readonly vendorId?: number;
  readonly productCode?: number;
  readonly revision?: number;
  readonly serial?: number;
  readonly address?: string;
  readonly hostName?: string;
}

export type Draft = ReadingDraft<Fields>;
