import { defineDissector, defineOperations, Malformed } from '../../dissector.ts';

interface Fields {
  readonly connectionId: number;
  readonly sequence: number;
  readonly length?: number;
}

const OPERATIONS = defineOperations({
  data: ['cyclic data', 'report'],
});

/** Items of the common packet format (CIP volume 2, section 2-6). */
const SEQUENCED_ADDRESS = 0x8002;
const CONNECTED_DATA = 0x00b1;
const ADDRESS_LENGTH = 8;
const HEADER = 18;
const MOST_ITEMS = 8;

export const cipIo = defineDissector<Fields>({
  name: 'cip_io',
  title: 'EtherNet/IP cyclic data',
  source: 'CIP Networks Library volume 2, sections 2-6 and 3-2 (class 0 and 1 connections)',
  at: [{ udp: 2222 }],
  operations: OPERATIONS,
  fields: {
    connectionId: 'Connection that the data belongs to',
    sequence: 'Counts the datagrams of the connection',
    length: 'Bytes of data, with their own sequence count if the connection has one',
  },

  recognise(reader) {
    const items = reader.u16le();
    const address = reader.u16le();
    const length = reader.u16le();
    if (reader.remaining < HEADER - 6 || items < 2 || items > MOST_ITEMS || address !== SEQUENCED_ADDRESS) {
      return 'no';
    }
    reader.skip(ADDRESS_LENGTH);
    return length === ADDRESS_LENGTH && reader.u16le() === CONNECTED_DATA ? 'strong' : 'no';
  },

  read(reader) {
    const items = reader.u16le();
    const address = reader.u16le();
    const addressLength = reader.u16le();
    const connectionId = reader.u32le();
    const sequence = reader.u32le();
    if (address !== SEQUENCED_ADDRESS || addressLength !== ADDRESS_LENGTH || items < 2) {
      return reader.truncated
        ? { direction: 'report', operation: OPERATIONS.data, fields: { connectionId, sequence } }
        : new Malformed('no sequenced address item');
    }
    reader.skip(2);
    const length = reader.u16le();
    reader.expect(length);
    return { direction: 'report', operation: OPERATIONS.data, fields: { connectionId, sequence, length } };
  },
});
