import { ok } from '../../kit/result.ts';
import type { CaptureBytes, CaptureSource } from '../../wire/capture/source.ts';

/** What one capture may hold once it is unpacked. */
export interface CaptureBounds {
  /** Bytes. */
  readonly unpacked: number;
  /** Bytes out for each byte in. */
  readonly ratio: number;
}

const GIB = 1_073_741_824;
export const CAPTURE_BOUNDS: CaptureBounds = { unpacked: 4 * GIB, ratio: 200 };

/** So little may unpack at any ratio: a short capture of the same packet over and over is no bomb. */
const RATIO_FROM = 16_777_216;

export const TOO_MUCH = 'it unpacks to more than may be handed in';

/** The same capture, broken off where it unpacks to more than these bounds: what comes out is counted, not what it says. */
export function boundedCapture(source: CaptureSource, bounds: CaptureBounds): CaptureSource {
  return {
    ...source,
    async open() {
      const opened = await source.open();
      return opened.ok ? ok(new BoundedBytes(opened.value, bounds)) : opened;
    },
  };
}

class BoundedBytes implements CaptureBytes {
  private readonly bytes: CaptureBytes;
  private readonly bounds: CaptureBounds;
  private out = 0;
  private broken: string | undefined;

  constructor(bytes: CaptureBytes, bounds: CaptureBounds) {
    this.bytes = bytes;
    this.bounds = bounds;
  }

  get consumed(): number {
    return this.bytes.consumed;
  }

  get failure(): string | undefined {
    return this.broken ?? this.bytes.failure;
  }

  get cut(): boolean {
    return this.bytes.cut;
  }

  read(into: Uint8Array, at: number): number | Promise<number> {
    const got = this.bytes.read(into, at);
    return typeof got === 'number' ? this.counted(got) : got.then((count) => this.counted(count));
  }

  interrupt(): void {
    this.bytes.interrupt();
  }

  close(): void {
    this.bytes.close();
  }

  private counted(got: number): number {
    this.out += got;
    const { unpacked, ratio } = this.bounds;
    const isBomb = this.out > RATIO_FROM && this.out > this.bytes.consumed * ratio;
    if (this.out > unpacked || isBomb) {
      this.broken = TOO_MUCH;
      return 0;
    }
    return got;
  }
}
