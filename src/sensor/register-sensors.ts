import type { ActivityStore } from '../access/activity.ts';
import type { Actor } from '../kit/actor.ts';
import type { Atomically } from '../kit/atomically.ts';
import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import { inScope, type Scope } from '../kit/scope.ts';
import type { Micros } from '../kit/time.ts';
import type { Sensor, SensorStore } from './sensor.ts';

export interface NewSensor {
  readonly name: string;
  readonly site: string;
  /** Undefined: a network of its own. */
  readonly network: string | undefined;
}

export interface SensorChange {
  readonly name?: string | undefined;
  readonly network?: string | undefined;
}

/** Adding, naming and removing sensors. */
export interface RegisterSensors {
  /** The secret is told this once. */
  add(
    actor: Actor,
    scope: Scope,
    wanted: NewSensor,
  ): Promise<Result<{ readonly id: string; readonly secret: string }, Failure>>;
  change(actor: Actor, scope: Scope, id: string, set: SensorChange): Promise<Result<Sensor, Failure>>;
  remove(actor: Actor, scope: Scope, id: string): Promise<Result<undefined, Failure>>;
}

export interface RegisterParts {
  readonly atomically: Atomically<{ readonly sensors: SensorStore; readonly activity: ActivityStore }>;
  now(): Micros;
  newId(): string;
  newSecret(): { readonly secret: string; readonly hash: string };
}

export function createRegisterSensors({ atomically, now, newId, newSecret }: RegisterParts): RegisterSensors {
  return {
    async add(actor, scope, { name, site, network }) {
      if (!inScope(scope, site)) {
        return fail('not-found', 'sensor.no-site', `There is no site ${site}.`);
      }
      const id = newId();
      const { secret, hash } = newSecret();
      const at = now();
      const sensor = { id, site, name, network: network ?? id, createdAt: at };
      await atomically(async ({ sensors, activity }) => {
        await sensors.add(sensor, hash);
        const after = { name, network: sensor.network };
        await activity.append([{ at, actor, act: 'sensor.add', subject: `sensor ${id}`, site, after }]);
      });
      return ok({ id, secret });
    },

    change: (actor, scope, id, set) =>
      atomically(async ({ sensors, activity }) => {
        const before = await sensors.find(scope, id);
        if (before === undefined) {
          return noSensor(id);
        }
        const after = { name: set.name ?? before.name, network: set.network ?? before.network };
        await sensors.change(id, after);
        await activity.append([
          {
            at: now(),
            actor,
            act: 'sensor.change',
            subject: `sensor ${id}`,
            site: before.site,
            before: { name: before.name, network: before.network },
            after,
          },
        ]);
        return ok({ ...before, ...after });
      }),

    remove: (actor, scope, id) =>
      atomically(async ({ sensors, activity }) => {
        const sensor = await sensors.find(scope, id);
        if (sensor === undefined) {
          return noSensor(id);
        }
        const at = now();
        const { name, site } = sensor;
        await sensors.remove(id, at);
        await activity.append([{ at, actor, act: 'sensor.remove', subject: `sensor ${id}`, site, before: { name } }]);
        return ok(undefined);
      }),
  };
}

export function noSensor(id: string): Result<never, Failure> {
  return fail('not-found', 'sensor.not-found', `There is no sensor ${id}.`);
}
