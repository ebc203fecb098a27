import type { Mutable } from '../../../kit/mutable.ts';
import type { Reading } from '../../dissector.ts';

export interface Fields {
  readonly generation: 2 | 3;
  /** Of the router: who at the node is meant. */
  readonly routed?: number;
  readonly channelType?: number;
  channel?: number;
  block?: number;
  group?: number;
  service?: number;
  reason?: number;
  result?: number;
  cryptType?: number;
  user?: string;
  client?: string;
  clientVendor?: string;
  clientHost?: string;
  clientVersion?: string;
  subcommand?: number;
  nodeName?: string;
  deviceName?: string;
  vendorName?: string;
  targetType?: number;
  targetId?: number;
  targetVersion?: string;
  serial?: string;
  os?: string;
}

export type Message = Mutable<Reading<Fields>>;

export const FIELDS: { readonly [Field in keyof Required<Fields>]: string } = {
  generation: '2 or 3, whose protocols have nothing in common',
  routed: 'Whom at the node it is for: 1 and 2 addresses, 3 and 4 names, 64 channels',
  channelType: '1 block, 2 acknowledgement, 3 keep alive, 194 information, 195 open, 131 opened, 196 close',
  channel: 'Number of the channel',
  block: 'Number of the block in its channel',
  group: 'Group of services',
  service: 'Service in its group',
  reason: 'Why a channel was not opened, or was closed; 0 is no reason',
  result: 'Result of a login; 0 is success',
  cryptType: 'How the password is hidden: 1 so that it can be read, 2 by a public key',
  user: 'Who logs in',
  client: 'Name of the client program',
  clientVendor: 'Maker of the client program',
  clientHost: 'Name of the machine that the client runs on',
  clientVersion: 'Version of the client program',
  subcommand: 'Name service: 0xc201 to 0xc203 question, 0xc280 identification',
  nodeName: 'Name that the node was given',
  deviceName: 'Name of the device type, or of the product in generation 2',
  vendorName: 'Maker of the device',
  targetType: 'Kind of device; 4096 is a controller',
  targetId: 'Number of the device type at its maker',
  targetVersion: 'Version of the runtime on the device',
  serial: 'Serial number',
  os: 'Operating system, in generation 2',
};
