import type { Reader } from '../../reader.ts';

const TOPIC_ALIAS = 0x23;

/** Section 2.2.2.2: the properties with a fixed length, by id; the others are text, pairs or numbers of their own. */
const PROPERTY_LENGTHS: ReadonlyMap<number, number> = new Map([
  [0x01, 1],
  [0x02, 4],
  [0x11, 4],
  [0x13, 2],
  [0x17, 1],
  [0x18, 4],
  [0x19, 1],
  [0x21, 2],
  [0x22, 2],
  [0x24, 1],
  [0x25, 1],
  [0x27, 4],
  [0x28, 1],
  [0x29, 1],
  [0x2a, 1],
]);
const SUBSCRIPTION_ID = 0x0b;
const USER_PROPERTY = 0x26;

/** The alias among the properties of a PUBLISH, 0 where there is none. */
export function readTopicAlias(reader: Reader): number {
  const length = propertiesLength(reader);
  if (length === 0) {
    return 0;
  }
  const properties = reader.sub(length);
  let alias = 0;
  properties.repeatToEnd(() => {
    const id = properties.u8();
    if (id === TOPIC_ALIAS) {
      alias = properties.u16be();
    } else {
      skipProperty(properties, id);
    }
  });
  return alias;
}

function skipProperty(properties: Reader, id: number): void {
  const fixed = PROPERTY_LENGTHS.get(id);
  if (fixed !== undefined) {
    properties.skip(fixed);
  } else if (id === SUBSCRIPTION_ID) {
    varint(properties);
  } else {
    properties.skip(properties.u16be());
    if (id === USER_PROPERTY) {
      properties.skip(properties.u16be());
    }
  }
}

export function skipProperties(reader: Reader): void {
  reader.skip(propertiesLength(reader));
}

function propertiesLength(reader: Reader): number {
  const length = Math.max(0, varint(reader));
  reader.expect(length);
  return length;
}

/** A variable byte integer (section 1.5.5); -1 where it does not end. */
export function varint(reader: Reader): number {
  let value = 0;
  for (let shift = 0; shift <= 21; shift += 7) {
    const digit = reader.u8();
    value |= (digit & 0x7f) << shift;
    if (digit < 0x80) {
      return value;
    }
  }
  return -1;
}
