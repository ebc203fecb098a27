import { type Documented, type DocumentReader, Gathering, type Reading } from './document.ts';
import { JsonItems } from './json-items.ts';

/** What a kind of JSON document must know: which lists hold assets, and what one says. */
export interface JsonKind {
  /** What is wrong with the item, where something is; undefined: it is no asset and does not matter. */
  item(key: string, value: unknown, at: string): Documented | { readonly wrong: string } | undefined;
  /** What is wrong with the document because of this property; undefined: nothing. */
  property?(key: string, value: unknown): string | undefined;
  /** What is wrong with the document as a whole. */
  end?(): string | undefined;
}

export class JsonDocument implements DocumentReader {
  private readonly gathering = new Gathering();
  private readonly kind: JsonKind;
  private readonly items: JsonItems;

  constructor(kind: JsonKind) {
    this.kind = kind;
    this.items = new JsonItems({
      item: (key, value, index) => this.item(key, value, index),
      property: (key, value) => {
        const wrong = this.kind.property?.(key, value);
        if (wrong !== undefined) {
          this.gathering.stop(key, wrong);
        }
      },
    });
  }

  get isHopeless(): boolean {
    return this.gathering.isHopeless;
  }

  push(text: string): void {
    if (!this.isHopeless) {
      this.items.push(text);
      this.check();
    }
  }

  end(): Reading {
    if (!this.isHopeless) {
      this.items.end();
      this.check();
    }
    const wrong = this.isHopeless ? undefined : this.kind.end?.();
    if (wrong !== undefined) {
      this.gathering.stop('the file', wrong);
    }
    return this.gathering.reading();
  }

  private item(key: string, value: unknown, index: number): void {
    if (this.isHopeless) {
      return;
    }
    const at = `${key === '' ? 'item' : key} ${index + 1}`;
    const found = this.kind.item(key, value, at);
    if (found === undefined) {
      return;
    }
    this.gathering.rows++;
    if ('wrong' in found) {
      this.gathering.wrong(at, found.wrong);
    } else {
      this.gathering.add(found);
    }
  }

  private check(): void {
    const { problem } = this.items;
    if (problem !== undefined) {
      this.gathering.stop(`line ${problem.line}`, problem.message);
    }
  }
}
