/**
 * QR codes of ISO/IEC 18004: byte mode, error correction L, versions 1 to 10 (at most 271 bytes), always mask 0: enough for the
 * address of a second factor, on a screen.
 */

/** Per version: codewords of correction in a block, blocks, codewords of data in all (table 9). */
const VERSIONS: readonly (readonly [correction: number, blocks: number, data: number])[] = [
  [7, 1, 19],
  [10, 1, 34],
  [15, 1, 55],
  [20, 1, 80],
  [26, 1, 108],
  [18, 2, 136],
  [20, 2, 156],
  [24, 2, 194],
  [30, 2, 232],
  [18, 4, 274],
];

/** The format of level L with mask 0, and its polynomials (clauses 7.9 and 7.10). */
const FORMAT = 0b01_000;
const FORMAT_POLYNOMIAL = 0x537;
const FORMAT_MASK = 0x5412;
const VERSION_POLYNOMIAL = 0x1f25;

/** Rows of dark modules, without the quiet zone; undefined where the text is too long. */
export function qrOf(text: string): readonly (readonly boolean[])[] | undefined {
  const bytes = new TextEncoder().encode(text);
  const version = VERSIONS.findIndex(([, , data], index) => bytes.length + (index < 9 ? 2 : 3) <= data) + 1;
  const shape = VERSIONS[version - 1];
  if (shape === undefined) {
    return undefined;
  }
  const grid = new Grid(version);
  grid.drawPatterns();
  grid.drawData(codewords(bytes, version, shape));
  return grid.rows();
}

function codewords(
  bytes: Uint8Array,
  version: number,
  [correction, blocks, total]: readonly [number, number, number],
): readonly number[] {
  const data = dataOf(bytes, version, total);
  const short = Math.floor(total / blocks);
  const shortBlocks = blocks - (total % blocks);
  const parts: (readonly number[])[] = [];
  for (let block = 0, from = 0; block < blocks; block++) {
    const length = short + Number(block >= shortBlocks);
    parts.push(data.slice(from, from + length));
    from += length;
  }
  const divisor = divisorOf(correction);
  const corrections = parts.map((part) => remainderOf(part, divisor));
  return [...interleaved(parts, short + 1), ...interleaved(corrections, correction)];
}

function interleaved(parts: readonly (readonly number[])[], length: number): readonly number[] {
  const all: number[] = [];
  for (let at = 0; at < length; at++) {
    for (const part of parts) {
      const codeword = part[at];
      if (codeword !== undefined) {
        all.push(codeword);
      }
    }
  }
  return all;
}

/** Mode 4, the length, the bytes, a terminator, and padding (clause 7.4). */
function dataOf(bytes: Uint8Array, version: number, total: number): number[] {
  const nibbles = [4];
  const lengthNibbles = version < 10 ? 2 : 4;
  for (let shift = lengthNibbles - 1; shift >= 0; shift--) {
    nibbles.push((bytes.length >> (4 * shift)) & 15);
  }
  for (const byte of bytes) {
    nibbles.push(byte >> 4, byte & 15);
  }
  nibbles.push(0);
  const data: number[] = [];
  for (let at = 0; at + 1 < nibbles.length; at += 2) {
    data.push(((nibbles[at] ?? 0) << 4) | (nibbles[at + 1] ?? 0));
  }
  for (let pad = 0xec; data.length < total; pad ^= 0xec ^ 0x11) {
    data.push(pad);
  }
  return data;
}

/** In the field of 256 elements with the polynomial 0x11d. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> bit) & 1) * a;
  }
  return product;
}

function divisorOf(degree: number): readonly number[] {
  const divisor = new Array<number>(degree).fill(0);
  divisor[degree - 1] = 1;
  let root = 1;
  for (let step = 0; step < degree; step++) {
    for (let at = 0; at < degree; at++) {
      divisor[at] = times(divisor[at] ?? 0, root) ^ (divisor[at + 1] ?? 0);
    }
    root = times(root, 2);
  }
  return divisor;
}

function remainderOf(data: readonly number[], divisor: readonly number[]): readonly number[] {
  const rest = new Array<number>(divisor.length).fill(0);
  for (const codeword of data) {
    const factor = codeword ^ (rest.shift() ?? 0);
    rest.push(0);
    for (const [at, coefficient] of divisor.entries()) {
      rest[at] = (rest[at] ?? 0) ^ times(coefficient, factor);
    }
  }
  return rest;
}

/** The modules; what is drawn as a pattern stays as it is when the data comes. */
class Grid {
  readonly #version: number;
  readonly #size: number;
  readonly #dark: Uint8Array;
  readonly #fixed: Uint8Array;

  constructor(version: number) {
    this.#version = version;
    this.#size = 17 + 4 * version;
    this.#dark = new Uint8Array(this.#size ** 2);
    this.#fixed = new Uint8Array(this.#size ** 2);
  }

  rows(): readonly (readonly boolean[])[] {
    return Array.from({ length: this.#size }, (_, row) =>
      Array.from(this.#dark.subarray(row * this.#size, (row + 1) * this.#size), (dark) => dark === 1),
    );
  }

  drawPatterns(): void {
    const last = this.#size - 1;
    for (let at = 0; at < this.#size; at++) {
      this.#fix(6, at, at % 2 === 0);
      this.#fix(at, 6, at % 2 === 0);
    }
    for (const [row, column] of [
      [3, 3],
      [3, last - 3],
      [last - 3, 3],
    ] as const) {
      this.#ring(row, column, 4);
    }
    this.#drawAlignment(last);
    this.#drawFormat(last);
    this.#drawVersion();
  }

  /** Mask 0 turns every other module over (clause 7.8.2). */
  drawData(codewords: readonly number[]): void {
    let bit = 0;
    for (const [row, column] of this.#free()) {
      const value = ((codewords[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
      this.#dark[row * this.#size + column] = value ^ Number((row + column) % 2 === 0);
      bit++;
    }
  }

  /** What no pattern takes: in columns of two from the right, up and down in turn (clause 7.7.3). */
  *#free(): Generator<readonly [row: number, column: number]> {
    for (let right = this.#size - 1; right > 0; right -= 2) {
      // The column of the timing pattern is left out.
      const column = right <= 6 ? right - 1 : right;
      const isUp = ((this.#size - 1 - right) / 2) % 2 === 0;
      for (let step = 0; step < this.#size; step++) {
        const row = isUp ? this.#size - 1 - step : step;
        for (const at of [column, column - 1]) {
          if (this.#fixed[row * this.#size + at] !== 1) {
            yield [row, at];
          }
        }
      }
    }
  }

  #drawAlignment(last: number): void {
    if (this.#version === 1) {
      return;
    }
    const middle = this.#version >= 7 ? [last / 2] : [];
    const places = [6, ...middle, last - 6];
    for (const row of places) {
      for (const column of places) {
        const isFinder = (row === 6 && column !== 6 && column === last - 6) || (column === 6 && row === last - 6);
        if (!isFinder && !(row === 6 && column === 6)) {
          this.#ring(row, column, 2);
        }
      }
    }
  }

  #drawFormat(last: number): void {
    const bits = ((FORMAT << 10) | remainder(FORMAT, FORMAT_POLYNOMIAL, 10)) ^ FORMAT_MASK;
    for (let at = 0; at < 15; at++) {
      const dark = ((bits >> at) & 1) === 1;
      const along = at < 6 ? at : at < 8 ? at + 1 : last - 14 + at;
      this.#fix(along, 8, dark);
      const across = at < 8 ? last - at : at < 9 ? 7 : 14 - at;
      this.#fix(8, across, dark);
    }
    this.#fix(last - 7, 8, true);
  }

  #drawVersion(): void {
    if (this.#version < 7) {
      return;
    }
    const bits = (this.#version << 12) | remainder(this.#version, VERSION_POLYNOMIAL, 12);
    for (let at = 0; at < 18; at++) {
      const dark = ((bits >> at) & 1) === 1;
      const far = this.#size - 11 + (at % 3);
      const near = Math.floor(at / 3);
      this.#fix(near, far, dark);
      this.#fix(far, near, dark);
    }
  }

  /** Squares around a centre, dark and light in turn; the outermost of a finder (reach 4) is its light border. */
  #ring(row: number, column: number, reach: number): void {
    for (let down = -reach; down <= reach; down++) {
      for (let across = -reach; across <= reach; across++) {
        const distance = Math.max(Math.abs(down), Math.abs(across));
        const light = reach === 4 ? distance === 2 || distance === 4 : distance === 1;
        this.#fix(row + down, column + across, !light);
      }
    }
  }

  #fix(row: number, column: number, dark: boolean): void {
    if (row >= 0 && column >= 0 && row < this.#size && column < this.#size) {
      this.#dark[row * this.#size + column] = Number(dark);
      this.#fixed[row * this.#size + column] = 1;
    }
  }
}

function remainder(value: number, polynomial: number, degree: number): number {
  let rest = value;
  for (let step = 0; step < degree; step++) {
    rest = (rest << 1) ^ ((rest >> (degree - 1)) * polynomial);
  }
  return rest;
}
