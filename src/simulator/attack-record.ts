import type { Micros } from '../kit/time.ts';

/** What an attack is, before it happens. */
export interface AttackKind {
  /** Stable name, such as `plc-stop`. */
  readonly name: string;
  readonly title: string;
  /** MITRE ATT&CK for ICS. */
  readonly techniques: readonly { readonly id: string; readonly name: string }[];
  /** One sentence: what happens, and what it would do in the plant. */
  readonly story: string;
}

/** Keeps account of the frames of one attack while it is being written. */
export class AttackRecord {
  readonly kind: AttackKind;
  readonly source: string;
  readonly targets: readonly string[];
  /** Wireshark display filter that selects every frame of the attack; it may select others too. */
  readonly filter: string;
  readonly frames: number[] = [];
  from: Micros | undefined;
  to: Micros | undefined;

  constructor(
    kind: AttackKind,
    part: { readonly source: string; readonly targets: readonly string[]; readonly filter: string },
  ) {
    this.kind = kind;
    this.source = part.source;
    this.targets = part.targets;
    this.filter = part.filter;
  }

  add(frame: number, time: Micros): void {
    this.frames.push(frame);
    this.from ??= time;
    this.to = time;
  }
}
