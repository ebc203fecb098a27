import type { PlaceKind, PlaceStep } from '../../plant/place.ts';
import {
  LIST_SEPARATOR,
  LISTS,
  LONGEST_STATED,
  listText,
  type Stated,
  type StatedAttribute,
  statedValue,
} from '../stated.ts';

/** Gathers what a document of a tool says of one asset. What is too long for us is cut, what cannot be right is left out. */
export class Stating {
  private readonly values = new Map<StatedAttribute, string>();
  private readonly steps = new Map<PlaceKind, string>();

  /** The first one stays. */
  say(attribute: StatedAttribute, value: string | undefined): this {
    if (value !== undefined && !this.values.has(attribute)) {
      const kept = statedValue(attribute, LISTS.has(attribute) ? value : cut(value));
      if (kept !== undefined) {
        this.values.set(attribute, kept);
      }
    }
    return this;
  }

  /** One more of a list, as long as there is room. */
  also(attribute: StatedAttribute, value: string | undefined): this {
    const kept = value === undefined ? undefined : statedValue(attribute, value.replaceAll(LIST_SEPARATOR, ' '));
    const before = this.values.get(attribute);
    const all =
      kept === undefined
        ? undefined
        : listText(before === undefined ? [kept] : [...before.split(LIST_SEPARATOR), kept]);
    if (all !== undefined && all.length <= LONGEST_STATED) {
      this.values.set(attribute, all);
    }
    return this;
  }

  in(kind: PlaceKind, name: string | undefined): this {
    if (name !== undefined && name.trim() !== '') {
      this.steps.set(kind, name.trim().slice(0, LONGEST_PLACE));
    }
    return this;
  }

  get isNamed(): boolean {
    return NAMES_IT.some((attribute) => this.values.has(attribute));
  }

  stated(): Stated {
    return Object.fromEntries(this.values);
  }

  place(): readonly PlaceStep[] {
    return [...this.steps].map(([kind, name]) => ({ kind, name }));
  }
}

/** By these an asset is found again. */
export const NAMES_IT: readonly StatedAttribute[] = ['name', 'address', 'mac', 'serial', 'assetNumber'];

export const LONGEST_PLACE = 200;

function cut(text: string): string {
  return text.trim().slice(0, LONGEST_STATED);
}
