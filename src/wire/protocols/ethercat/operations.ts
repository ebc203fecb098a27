import { defineOperations, type ReadingDraft } from '../../dissector.ts';

export const OPERATIONS = defineOperations({
  nothing: ['no operation', 'report'],
  cyclic: ['cyclic data', 'report'],
  time: ['distribute time', 'report'],
  read: ['read registers', 'read'],
  write: ['write registers', 'write'],
  readState: ['read state', 'read'],
  requestState: ['request state', 'control'],
  reset: ['reset device', 'control'],
  setAddress: ['set station address', 'configure'],
  configure: ['configure communication', 'configure'],
  readInformation: ['read device information', 'discover'],
  selectEeprom: ['select EEPROM word', 'discover'],
  readEeprom: ['read EEPROM', 'discover'],
  writeEeprom: ['write EEPROM', 'configure'],
  readObject: ['read object', 'read'],
  writeObject: ['write object', 'configure'],
  listObjects: ['list objects', 'discover'],
  emergency: ['emergency', 'report'],
  mailboxData: ['process data by mailbox', 'report'],
  abort: ['abort transfer', 'session'],
  readFile: ['read file', 'read'],
  writeFile: ['write file', 'firmware'],
  fileStatus: ['file acknowledgement', 'session'],
  readDrive: ['read drive parameter', 'read'],
  writeDrive: ['write drive parameter', 'configure'],
  driveNotice: ['drive notification', 'report'],
  mailbox: ['other mailbox service', 'unknown'],
  mailboxError: ['mailbox error', 'report'],
  networkVariables: ['network variables', 'report'],
  unknown: ['unknown command', 'unknown'],
});

export interface Fields {
  readonly command?: number;
  readonly index?: number;
  readonly address?: number;
  readonly register?: number;
  readonly length?: number;
  readonly workingCounter?: number;
  readonly state?: number;
  readonly word?: number;
  readonly value?: number | string;
  readonly next?: number;
  readonly mailboxType?: number;
  readonly service?: number;
  readonly object?: number;
  readonly subIndex?: number;
  readonly file?: string;
  readonly code?: number;
}

export type Draft = ReadingDraft<Fields>;
