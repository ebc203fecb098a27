import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ArrivalList, type Listed } from './arrival-list.ts';

interface Item extends Listed<Item> {
  readonly id: number;
}

it('keeps the order of arrival whoever enters and leaves', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(9), fc.boolean())), (steps) => {
      const list = new ArrivalList<Item>();
      const items = Array.from(
        { length: 10 },
        (_, id): Item => ({ id, isListed: false, before: undefined, after: undefined }),
      );
      const model = new Set<number>();
      for (const [id, enters] of steps) {
        const item = items[id];
        if (item && enters) {
          list.enter(item);
          model.add(id);
        } else if (item) {
          list.leave(item);
          model.delete(id);
        }
        const order: number[] = [];
        for (let at = list.first; at; at = at.after) {
          order.push(at.id);
        }
        expect(order).toEqual([...model]);
      }
    }),
  );
});
