import type { Micros } from '../../kit/time.ts';
import type { Asset, AssetId } from '../asset.ts';
import type { Conversation } from '../conversation.ts';
import type { CaptureCoverage, Heard } from '../heard.ts';
import type { Device, Resolution } from '../resolution/device.ts';
import type { Zone } from '../zones.ts';

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

export const SEVERITIES: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

/** Something a person should look at, told in the words of the plant. */
export interface Finding {
  /** Stable: `family.what`. */
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly assets: readonly AssetId[];
  /** Who did what to whom, when and how often, why it matters, what would make it harmless, what was not seen. */
  readonly explanation: string;
  /** A Wireshark display filter that selects the frames meant. Only addresses and numbers enter it. */
  readonly filter: string;
  /** Frames that show it, the first ones. */
  readonly frames: readonly number[];
  readonly firstSeen: Micros | undefined;
  readonly lastSeen: Micros | undefined;
  readonly count: number;
}

/** What findings are judged from, beside conversations. */
export interface Scene {
  readonly firstSeen: Micros | undefined;
  readonly lastSeen: Micros | undefined;
  readonly assets: readonly Asset[];
  readonly zones: readonly Zone[];
  readonly heard: Heard;
  readonly resolution: Resolution;
  readonly ids: ReadonlyMap<Device, AssetId>;
  readonly coverage: CaptureCoverage | undefined;
}

/**
 * What a family, or a part of one, asks. There may be a million conversations, packed: they are read once for all, in the
 * order in which they began, and nobody should keep more of them than findings need.
 */
export interface Inquiry {
  /** Absent: it asks nothing of conversations. */
  see?(conversation: Conversation): void;
  /** All were seen: what there is to tell. Called once. */
  finish(): readonly Finding[];
}

/** Begins to look into a scene. */
export type Family = (scene: Scene) => Inquiry;
