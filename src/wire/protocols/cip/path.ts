import type { Reader } from '../../reader.ts';

/** Where a CIP message is aimed at: an encoded path (CIP volume 1, appendix C), as far as it names an object. */
export interface Path {
  classId?: number;
  instance?: number;
  attribute?: number;
  member?: number;
  connectionPoint?: number;
  /** Symbolic segments, with members and indices, as a programmer writes them: `Program:Main.Counts[3]`. */
  tag?: string;
  /** Port segments, as `port/link` for every hop: `1/0` is slot 0 of the backplane. */
  route?: string;
  /** A network segment of the safety format: the connection is a safety connection. */
  safety?: boolean;
}

/** Segment types: the upper three bits of a segment's first byte (section C-1.4). */
const PORT = 0;
const LOGICAL = 1;
const NETWORK = 2;
const SYMBOLIC = 3;
const DATA = 4;

const EXTENDED_SYMBOL = 0x91;
const LONGEST_TAG = 256;
const LONGEST_ROUTE = 256;

/** Reads `words` 16-bit words of path into `path`. A path that runs over its own end marks the message truncated. */
export function readPath(reader: Reader, words: number, path: Path): void {
  const end = reader.position + words * 2;
  reader.expect(words * 2);
  while (reader.position < end && !reader.truncated && reader.step()) {
    const first = reader.u8();
    switch (first >> 5) {
      case PORT:
        readPort(reader, first, path);
        break;
      case LOGICAL:
        readLogical(reader, first, path);
        break;
      case NETWORK:
        readNetwork(reader, first, path);
        break;
      case SYMBOLIC:
        readShortSymbol(reader, first, path);
        break;
      case DATA:
        readData(reader, first, path);
        break;
      default:
        // Data types carry no length of their own: what follows cannot be told apart.
        reader.seek(end);
    }
  }
  if (reader.position > end) {
    reader.truncated = true;
  }
  if (!reader.truncated) {
    reader.seek(end);
  }
}

/** Section C-1.4.1: the port of the device that was reached so far, and the address of the next one behind it. */
function readPort(reader: Reader, first: number, path: Path): void {
  const long = (first & 0x10) !== 0;
  const linkLength = long ? reader.u8() : 1;
  let port = first & 0x0f;
  if (port === 15) {
    port = reader.u16le();
  }
  const link = long ? reader.text(linkLength, 'latin-1') : String(reader.u8());
  if (long && linkLength % 2 === 1) {
    reader.skip(1);
  }
  const hop = `${port}/${link}`;
  if (path.route === undefined) {
    path.route = hop;
  } else if (path.route.length < LONGEST_ROUTE) {
    path.route += `,${hop}`;
  }
}

/** Section C-1.4.2. */
function readLogical(reader: Reader, first: number, path: Path): void {
  const type = (first >> 2) & 7;
  if (type === 5) {
    readKey(reader);
    return;
  }
  const value = readLogicalValue(reader, first & 3);
  switch (type) {
    case 0:
      path.classId ??= value;
      break;
    case 1:
      path.instance ??= value;
      break;
    case 2:
      path.member ??= value;
      if (path.tag !== undefined && path.tag.length < LONGEST_TAG) {
        path.tag += `[${value}]`;
      }
      break;
    case 3:
      path.connectionPoint ??= value;
      break;
    case 4:
      path.attribute ??= value;
      break;
    default: // service id: not used in requests
  }
}

function readLogicalValue(reader: Reader, format: number): number {
  if (format === 0) {
    return reader.u8();
  }
  reader.skip(1); // padded path: wider values stand on even addresses
  return format === 1 ? reader.u16le() : reader.u32le();
}

/** The electronic key: which device must be found there (section C-1.4.2.5). Formats 4 and 5 differ in a serial number. */
function readKey(reader: Reader): void {
  reader.skip(reader.u8() === 5 ? 12 : 8);
}

function readNetwork(reader: Reader, first: number, path: Path): void {
  // Bit 4: the segment announces its length in words; otherwise it has one byte of data.
  if ((first & 0x10) === 0) {
    reader.skip(1);
    return;
  }
  if (first === SAFETY_SEGMENT) {
    path.safety = true;
  }
  reader.skip(reader.u8() * 2);
}

/** CIP volume 5, section 3-3.2. */
const SAFETY_SEGMENT = 0x50;

/** Section C-1.4.4: the length stands in the first byte; 0 marks the extended forms, of which only numbers are in use. */
function readShortSymbol(reader: Reader, first: number, path: Path): void {
  const length = first & 0x1f;
  if (length > 0) {
    addSymbol(path, reader.text(length, 'latin-1'));
    if (length % 2 === 0) {
      reader.skip(1);
    }
    return;
  }
  const extended = reader.u8();
  // Double-byte characters, triple-byte characters, then numbers of 8, 16 and 32 bits.
  const kind = extended >> 5;
  const size = extended & 0x1f;
  reader.skip(kind === 1 ? size * 2 : kind === 2 ? size * 3 : size === 7 ? 2 : size === 8 ? 4 : 2);
}

function readData(reader: Reader, first: number, path: Path): void {
  if (first !== EXTENDED_SYMBOL) {
    reader.skip(reader.u8() * 2);
    return;
  }
  const length = reader.u8();
  addSymbol(path, reader.text(length, 'latin-1'));
  if (length % 2 === 1) {
    reader.skip(1);
  }
}

function addSymbol(path: Path, symbol: string): void {
  if (path.tag === undefined) {
    path.tag = symbol;
  } else if (path.tag.length < LONGEST_TAG) {
    path.tag += `.${symbol}`;
  }
}
