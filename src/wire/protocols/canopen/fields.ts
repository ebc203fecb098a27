import { defineOperations, type ReadingDraft } from '../../dissector.ts';

export interface Fields {
  readonly functionCode: number;
  readonly node: number;
  readonly command?: number;
  readonly target?: number;
  readonly state?: number;
  readonly index?: number;
  readonly subIndex?: number;
  readonly value?: number | string;
  readonly code?: number;
  readonly errorRegister?: number;
  readonly bytes?: number;
}

export type Draft = ReadingDraft<Fields>;

export const FIELDS = {
  functionCode: 'High four bits of the identifier: what kind of message it is',
  node: 'Low seven bits of the identifier: the node that it is of; 0 where it is of none',
  command: 'Command of the network management, of a transfer or of the layer setting',
  target: 'Node that the network management commands; 0 all',
  state: 'State of the node: 0 starts, 4 stopped, 5 operational, 127 pre-operational',
  index: 'Object of the dictionary',
  subIndex: 'Part of the object',
  value: 'Value of the object: a number of up to four bytes, or the text of a name',
  code: 'Error code of an emergency, or abort code of a transfer',
  errorRegister: 'Kinds of error that the node has, as bits',
  bytes: 'Length of the process data',
} as const;

export const OPERATIONS = defineOperations({
  start: ['start node', 'control'],
  stop: ['stop node', 'control'],
  preOperational: ['make node pre-operational', 'control'],
  reset: ['reset node', 'control'],
  resetCommunication: ['reset communication of node', 'control'],
  network: ['other network command', 'unknown'],
  sync: ['synchronise', 'report'],
  time: ['time stamp', 'report'],
  emergency: ['emergency', 'report'],
  processData: ['process data', 'report'],
  readObject: ['read object', 'read'],
  writeObject: ['write object', 'configure'],
  abort: ['abort transfer', 'session'],
  transfer: ['other transfer', 'unknown'],
  bootUp: ['boot-up', 'report'],
  heartbeat: ['heartbeat', 'report'],
  guard: ['guard node', 'read'],
  settingMode: ['switch layer setting', 'session'],
  setting: ['set layer', 'configure'],
  settingIdentify: ['identify for layer setting', 'discover'],
  settingAnswer: ['answer of layer setting', 'report'],
  settingOther: ['other layer setting', 'unknown'],
});
