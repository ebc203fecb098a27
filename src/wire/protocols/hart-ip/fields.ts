export interface Fields {
  readonly messageType: number;
  readonly messageId: number;
  readonly transactionId: number;
  status: number;
  inactivityTimer?: number;
  address?: string;
  command?: number;
  responseCode?: number;
  deviceStatus?: number;
  uniqueId?: string;
  manufacturerId?: number;
  deviceType?: number;
  deviceId?: number;
  universalRevision?: number;
  deviceRevision?: number;
  softwareRevision?: number;
  hardwareRevision?: number;
  bridge?: boolean;
  tag?: string;
  longTag?: string;
}

export const FIELDS: { readonly [Field in keyof Required<Fields>]: string } = {
  messageType: '0 request, 1 response, 2 published, 15 refused',
  messageId: '0 open, 1 close, 2 keep alive, 3 token-passing frame, 4 direct commands, 5 audit log',
  transactionId: 'Pairs a response with its request',
  status: 'Status of the message; 0 is success',
  inactivityTimer: 'Milliseconds after which a silent session closes',
  address: 'Long address in hex digits, or the polling address, of the device that the command is for',
  command: 'Number of the command, of several the one with the gravest effect',
  responseCode: 'Result of the command; 0 is success',
  deviceStatus: 'Status bits of the device',
  uniqueId: 'Device type and device id, which make the long address',
  manufacturerId: 'Number of the maker that the device states',
  deviceType: 'Expanded device type that the device states',
  deviceId: 'Number of the device among all of its type',
  universalRevision: 'Revision of HART that the device follows',
  deviceRevision: 'Revision of its commands',
  softwareRevision: 'Revision of its software',
  hardwareRevision: 'Revision of its hardware',
  bridge: 'The device passes on commands to others',
  tag: 'Tag of eight characters',
  longTag: 'Tag of 32 characters',
};
