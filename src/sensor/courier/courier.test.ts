import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Poster } from '../../platform/http/post.ts';
import { continueStream, NEW_STREAM } from '../delivery/continuity.ts';
import type { Gap, RecordClass, SensorRecord } from '../delivery/record.ts';
import { Courier, encoded, openSpool, rankOf } from './jobs.ts';

const HOUR = 3_600_000;

/** A hub that keeps what it takes, and may be away. */
function hub() {
  const taken: SensorRecord[] = [];
  let state = NEW_STREAM;
  let isAway = true;
  const poster: Poster = {
    async post(_path, _headers, body) {
      if (isAway) {
        throw new Error('away');
      }
      const [, ...lines] = Buffer.from(body).toString().trim().split('\n');
      const records = lines.map((line) => JSON.parse(line) as SensorRecord);
      const result = continueStream(state, records, ({ class: kind, payload }) =>
        kind === 'gap' ? (payload as Gap) : undefined,
      );
      state = result.state;
      taken.push(...result.accepted);
      const { missing } = result;
      return { status: 200, body: JSON.stringify({ through: state.through, missing }) };
    },
    close: () => undefined,
  };
  return {
    poster,
    taken,
    back() {
      isAway = false;
    },
  };
}

it('keeps a day that the hub is away: in order, and what there was no room for as gaps', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-day-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const spool = openSpool({
    folder: join(folder, 'spool'),
    mostBytes: 9_000_000,
    mostAge: 7 * 24 * HOUR,
    newEpoch: () => 'day',
  });
  const there = hub();
  const courier = new Courier({ spool, poster: there.poster, sensor: 's', secret: 'x', told: () => undefined });
  let made = 0;
  for (let hour = 0; hour < 24; hour++) {
    for (let at = 0; at < 2500; at++) {
      const kind: RecordClass = at % 10 === 0 ? 'identity' : 'flow';
      spool.append(rankOf(kind), hour * HOUR, encoded({ number: ++made, text: 'x'.repeat(150) }));
    }
    spool.sync();
    spool.tidy(hour * HOUR);
    expect(await courier.deliver()).toBe(false);
  }

  there.back();
  while (spool.through < spool.synced) {
    expect(await courier.deliver()).toBe(true);
  }

  const of = (kind: RecordClass) => there.taken.filter((record) => record.class === kind);
  const dropped = of('gap').reduce((sum, { payload }) => sum + (payload as Gap).records, 0);
  expect(of('identity')).toHaveLength(made / 10);
  expect(dropped).toBeGreaterThan(0);
  expect(of('flow').length + of('identity').length + dropped).toBe(made);
  expect(of('gap').map(({ payload }) => (payload as Gap).class)).not.toContain('identity');
  const order = there.taken.map(({ sequence }) => sequence);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});
