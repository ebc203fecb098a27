import { isoTime, microsOf } from '../../kit/time.ts';
import type { Queries } from '../../platform/store/store.ts';
import type { Decision, JudgementStore } from './difference.ts';

const PER_STATEMENT = 500;

export function createJudgementStore(db: Queries): JudgementStore {
  return {
    async of(assets) {
      const found = new Map<string, Decision>();
      for (let start = 0; start < assets.length; start += PER_STATEMENT) {
        const some = assets.slice(start, start + PER_STATEMENT);
        const rows = await db
          .selectFrom('difference_decision')
          .selectAll()
          .where('asset', 'in', some)
          .orderBy('id')
          .execute();
        for (const { state, at, note, ...row } of rows) {
          found.set(row.id, { ...row, state: state as Decision['state'], at: microsOf(at), note: note ?? undefined });
        }
      }
      return found;
    },

    async put(judgements) {
      for (let start = 0; start < judgements.length; start += PER_STATEMENT) {
        const rows = judgements
          .slice(start, start + PER_STATEMENT)
          .map(({ at, note, ...decision }) => ({ ...decision, at: isoTime(at), note: note ?? null }));
        await db
          .insertInto('difference_decision')
          .values(rows)
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet((row) => ({
              about: row.ref('excluded.about'),
              state: row.ref('excluded.state'),
              at: row.ref('excluded.at'),
              by: row.ref('excluded.by'),
              note: row.ref('excluded.note'),
            })),
          )
          .execute();
      }
    },
  };
}
