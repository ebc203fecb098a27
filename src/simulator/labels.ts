import { isoTime } from '../kit/time.ts';
import type { AttackRecord } from './attack-record.ts';

/** One attack of a capture, as the label file holds it: a list of these. */
export interface AttackLabel {
  readonly name: string;
  readonly title: string;
  readonly story: string;
  readonly from: string;
  readonly to: string;
  readonly assets: readonly string[];
  /** MITRE ATT&CK for ICS technique ids. */
  readonly techniques: readonly string[];
  readonly techniqueNames: readonly string[];
  readonly source: string;
  readonly targets: readonly string[];
  /** Wireshark display filter; every frame below passes it, and perhaps others. */
  readonly filter: string;
  /** Frame numbers of the capture, from 1, that would not be there without the attack. */
  readonly frames: readonly number[];
}

/** Labels of the attacks that left at least one frame, earliest first. */
export function labelsOf(attacks: readonly AttackRecord[]): readonly AttackLabel[] {
  return attacks
    .filter(({ frames }) => frames.length > 0)
    .toSorted((one, other) => (one.from ?? 0) - (other.from ?? 0))
    .map(({ kind, source, targets, filter, frames, from, to }) => ({
      name: kind.name,
      title: kind.title,
      story: kind.story,
      from: isoTime(from ?? 0),
      to: isoTime(to ?? 0),
      assets: targets,
      techniques: kind.techniques.map(({ id }) => id),
      techniqueNames: kind.techniques.map(({ name }) => name),
      source,
      targets,
      filter,
      frames,
    }));
}
