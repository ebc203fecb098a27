/** What can stand in one list; the list alone sets these. */
export interface Listed<Item> {
  isListed: boolean;
  before: Item | undefined;
  after: Item | undefined;
}

/**
 * Items in the order in which they came, any of which may leave at any time: the first is found, and each leaves, in constant
 * time. A `Set` or `Map` keeps that order too, but looking for its first item walks over all that have left.
 */
export class ArrivalList<Item extends Listed<Item>> {
  first: Item | undefined;
  private last: Item | undefined;

  /** Puts an item at the end, unless it stands in the list already. */
  enter(item: Item): void {
    if (item.isListed) {
      return;
    }
    item.isListed = true;
    item.before = this.last;
    if (this.last) {
      this.last.after = item;
    } else {
      this.first = item;
    }
    this.last = item;
  }

  leave(item: Item): void {
    if (!item.isListed) {
      return;
    }
    const { before, after } = item;
    if (before) {
      before.after = after;
    } else {
      this.first = after;
    }
    if (after) {
      after.before = before;
    } else {
      this.last = before;
    }
    item.isListed = false;
    item.before = undefined;
    item.after = undefined;
  }
}
