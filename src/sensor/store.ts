import type { Selectable, SelectQueryBuilder } from 'kysely';
import type { Scope } from '../kit/scope.ts';
import { isoTime, type Micros, microsOf } from '../kit/time.ts';
import type { Queries } from '../platform/store/store.ts';
import type { Tables } from '../platform/store/tables.ts';
import type { GapReason, RecordClass, SensorHealth } from './delivery/record.ts';
import type { RecordedGap, Sensor, SensorStore, Stream } from './sensor.ts';
import type { Upload, UploadState, UploadStore } from './uploads/upload.ts';

export function createSensorStore(db: Queries): SensorStore {
  const registered = (scope: Scope) => {
    const query = db.selectFrom('sensor').where('removed_at', 'is', null);
    return scope === 'all' ? query : query.where('site', 'in', sitesOf(scope));
  };
  return {
    async add({ id, site, name, network, createdAt }, secretHash) {
      await db
        .insertInto('sensor')
        .values({
          id,
          site,
          name,
          network,
          secret_hash: secretHash,
          created_at: isoTime(createdAt),
          removed_at: null,
          last_record_at: null,
          last_canary_at: null,
          clock_skew: null,
          health: null,
          health_at: null,
        })
        .execute();
    },

    async list(scope, { offset, limit }) {
      const rows = await registered(scope)
        .selectAll()
        .orderBy('name')
        .orderBy('id')
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(sensorOf), total: await countOf(registered(scope)) };
    },

    async find(scope, id) {
      const row = await registered(scope).selectAll().where('id', '=', id).executeTakeFirst();
      return row && sensorOf(row);
    },

    async bySecret(secretHash) {
      const row = await registered('all').selectAll().where('secret_hash', '=', secretHash).executeTakeFirst();
      return row && sensorOf(row);
    },

    async change(id, set) {
      await db.updateTable('sensor').set(set).where('id', '=', id).execute();
    },

    async remove(id, at) {
      await db
        .updateTable('sensor')
        .set({ removed_at: isoTime(at) })
        .where('id', '=', id)
        .execute();
    },

    async stream(sensor, epoch) {
      const row = await db
        .selectFrom('sensor_stream')
        .selectAll()
        .where('sensor', '=', sensor)
        .where('epoch', '=', epoch)
        .executeTakeFirst();
      return row && streamOf(row);
    },

    async streams(sensor) {
      const rows = await db
        .selectFrom('sensor_stream')
        .selectAll()
        .where('sensor', '=', sensor)
        .orderBy('began_at', 'desc')
        .orderBy('epoch')
        .execute();
      return rows.map(streamOf);
    },

    async keepStream(sensor, stream) {
      const changing = {
        through: stream.through,
        skip_to: stream.skipTo,
        missing_rounds: stream.missingRounds,
        missing_from: stream.missingFrom ?? null,
      };
      await db
        .insertInto('sensor_stream')
        .values({ sensor, epoch: stream.epoch, began_at: isoTime(stream.beganAt), ...changing })
        .onConflict((conflict) => conflict.columns(['sensor', 'epoch']).doUpdateSet(changing))
        .execute();
    },

    async addGaps(sensor, gaps) {
      if (gaps.length === 0) {
        return;
      }
      const rows = gaps.map((gap) => ({
        sensor,
        epoch: gap.epoch,
        from_sequence: gap.from,
        to_sequence: gap.to,
        class: gap.class,
        reason: gap.reason,
        records: gap.records,
        packets: gap.packets,
        from_time: timeText(gap.fromTime),
        to_time: timeText(gap.toTime),
        taken_at: isoTime(gap.takenAt),
      }));
      await db
        .insertInto('sensor_gap')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['sensor', 'epoch', 'from_sequence', 'class']).doNothing())
        .execute();
    },

    async gaps(sensor, limit) {
      const rows = await db
        .selectFrom('sensor_gap')
        .selectAll()
        .where('sensor', '=', sensor)
        .orderBy('taken_at', 'desc')
        .orderBy('epoch')
        .orderBy('from_sequence', 'desc')
        .orderBy('class')
        .limit(limit)
        .execute();
      return rows.map(gapOf);
    },

    async gapCounts(sensors) {
      if (sensors.length === 0) {
        return new Map();
      }
      const rows = await db
        .selectFrom('sensor_gap')
        .select(({ fn }) => ['sensor', fn.countAll<number>().as('gaps')])
        .where('sensor', 'in', [...sensors])
        .groupBy('sensor')
        .orderBy('sensor')
        .execute();
      return new Map(rows.map(({ sensor, gaps }) => [sensor, gaps]));
    },

    async heard(sensor, { at, skew, canary, health }) {
      const time = isoTime(at);
      await db
        .updateTable('sensor')
        .set({
          last_record_at: time,
          ...(skew === undefined ? {} : { clock_skew: Math.round(skew) }),
          ...(canary === true ? { last_canary_at: time } : {}),
          ...(health === undefined ? {} : { health: JSON.stringify(health), health_at: time }),
        })
        .where('id', '=', sensor)
        .execute();
    },
  };
}

export function createUploadStore(db: Queries): UploadStore {
  const inside = (scope: Scope) => {
    const query = db.selectFrom('upload');
    return scope === 'all' ? query : query.where('site', 'in', sitesOf(scope));
  };
  return {
    async add(upload) {
      const { id, site, name, network, actor, at, size, sha256, state, recorded } = upload;
      await db
        .insertInto('upload')
        .values({
          id,
          site,
          name,
          network,
          actor: actor.id,
          actor_name: actor.name,
          at: isoTime(at),
          size,
          sha256,
          state,
          recorded,
          counts: null,
          error_code: null,
          error_message: null,
          ended_at: null,
        })
        .execute();
    },

    async find(scope, id) {
      const row = await inside(scope).selectAll().where('id', '=', id).executeTakeFirst();
      return row && uploadOf(row);
    },

    async list(scope, { offset, limit }) {
      const rows = await inside(scope)
        .selectAll()
        .orderBy('at', 'desc')
        .orderBy('id')
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(uploadOf), total: await countOf(inside(scope)) };
    },

    async unfinished() {
      const rows = await db
        .selectFrom('upload')
        .selectAll()
        .where('state', 'in', ['waiting', 'analysing'])
        .orderBy('at')
        .orderBy('id')
        .execute();
      return rows.map(uploadOf);
    },

    async change(id, { state, recorded, counts, error, endedAt }) {
      await db
        .updateTable('upload')
        .set({
          ...(state === undefined ? {} : { state }),
          ...(recorded === undefined ? {} : { recorded }),
          ...(counts === undefined ? {} : { counts: JSON.stringify(counts) }),
          ...(error === undefined ? {} : { error_code: error.code, error_message: error.message }),
          ...(endedAt === undefined ? {} : { ended_at: isoTime(endedAt) }),
        })
        .where('id', '=', id)
        .execute();
    },
  };
}

async function countOf(query: SelectQueryBuilder<Tables, 'sensor' | 'upload', object>): Promise<number> {
  const { total } = await query.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  return total;
}

/** A reader of no site reads nothing: `in ()` is no SQL. */
function sitesOf(sites: ReadonlySet<string>): string[] {
  return sites.size === 0 ? [''] : [...sites];
}

function sensorOf(row: Selectable<Tables['sensor']>): Sensor {
  return {
    id: row.id,
    site: row.site,
    name: row.name,
    network: row.network,
    createdAt: microsOf(row.created_at),
    lastRecordAt: timeOf(row.last_record_at),
    lastCanaryAt: timeOf(row.last_canary_at),
    clockSkew: row.clock_skew ?? undefined,
    health: row.health === null ? undefined : (JSON.parse(row.health) as SensorHealth),
    healthAt: timeOf(row.health_at),
  };
}

function streamOf(row: Selectable<Tables['sensor_stream']>): Stream {
  return {
    epoch: row.epoch,
    beganAt: microsOf(row.began_at),
    through: row.through,
    skipTo: row.skip_to,
    missingRounds: row.missing_rounds,
    missingFrom: row.missing_from ?? undefined,
  };
}

function gapOf(row: Selectable<Tables['sensor_gap']>): RecordedGap {
  return {
    epoch: row.epoch,
    from: row.from_sequence,
    to: row.to_sequence,
    class: row.class as RecordClass | 'all',
    reason: row.reason as GapReason,
    records: row.records,
    packets: row.packets,
    fromTime: timeOf(row.from_time),
    toTime: timeOf(row.to_time),
    takenAt: microsOf(row.taken_at),
  };
}

function uploadOf(row: Selectable<Tables['upload']>): Upload {
  return {
    id: row.id,
    site: row.site,
    name: row.name,
    network: row.network,
    actor: { id: row.actor, name: row.actor_name },
    at: microsOf(row.at),
    size: row.size,
    sha256: row.sha256,
    state: row.state as UploadState,
    recorded: row.recorded,
    counts: row.counts === null ? undefined : JSON.parse(row.counts),
    error: row.error_code === null ? undefined : { code: row.error_code, message: row.error_message ?? '' },
    endedAt: timeOf(row.ended_at),
  };
}

function timeOf(text: string | null): Micros | undefined {
  return text === null ? undefined : microsOf(text);
}

function timeText(time: Micros | undefined): string | null {
  return time === undefined ? null : isoTime(time);
}
