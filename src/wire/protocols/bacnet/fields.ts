/** Fields of a message while it is being read. Texts are there only where a device object told them. */
export interface Fields {
  pduType: number | null;
  service?: number;
  invokeId?: number;
  /** Of the message's first object. */
  objectType?: number;
  instance?: number;
  property?: number;
  linkFunction?: number;
  networkMessage?: number;
  source?: string;
  destination?: string;
  originator?: string;
  vendorId?: number;
  vendorName?: string;
  modelName?: string;
  firmwareRevision?: string;
  applicationVersion?: string;
  objectName?: string;
  location?: string;
  serialNumber?: string;
  password?: true;
}

export const FIELDS: { readonly [Field in keyof Required<Fields>]: string } = {
  pduType: 'Type of the application PDU; null where a message holds none',
  service: 'Number of the confirmed or unconfirmed service',
  invokeId: 'Pairs an answer with its request',
  objectType: 'Type of the first object that the message names',
  instance: 'Instance number of that object',
  property: 'Property of that object',
  linkFunction: 'Function of the virtual link layer, on UDP only',
  networkMessage: 'Type of the network layer message',
  source: 'Network and address of the sender behind a router',
  destination: 'Network and address of the receiver behind a router',
  originator: 'IP address of the sender whose message was forwarded',
  vendorId: 'Number of the vendor that the device states',
  vendorName: 'Vendor that the device states',
  modelName: 'Model that the device states',
  firmwareRevision: 'Firmware that the device states',
  applicationVersion: 'Application software that the device states',
  objectName: 'Name of the device object',
  location: 'Place that the device states',
  serialNumber: 'Serial number that the device states',
  password: 'The request holds a password in clear',
};
