/** Texts by small numbers: each is kept once. */
export class Texts {
  readonly all: string[] = [];
  readonly #ids: Map<string, number> = new Map();

  /** The number of a text, which is given one if it is new. */
  of(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.all.length;
      this.all.push(text);
      this.#ids.set(text, id);
    }
    return id;
  }

  at(id: number): string {
    return this.all[id] ?? '';
  }

  /** The number of a text that was seen before. */
  find(text: string): number | undefined {
    return this.#ids.get(text);
  }
}
