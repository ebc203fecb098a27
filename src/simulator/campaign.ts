import { AttackRecord } from './attack-record.ts';
import { attackPlans } from './attacks/all.ts';
import type { AttackPlan } from './attacks/attack.ts';
import type { World } from './world.ts';

/** Attacks begin after this share of the capture, so that there is something normal to compare with. */
const FIRST = 0.3;
const LAST = 0.96;
/** No attack takes longer than this at its own pace: microseconds. */
const LONGEST = 14_000_000;

/** Plans all attacks one after the other over the later part of the capture; each script runs under its label. */
export function planCampaign(world: World, duration: number): readonly AttackRecord[] {
  const prepared = attackPlans.flatMap((plan) => prepare(world, plan));
  const slot = (duration * (LAST - FIRST)) / Math.max(1, prepared.length);
  const pace = Math.min(1, slot / LONGEST);
  return prepared.map(({ record, script }, index) => {
    const at = world.now + duration * FIRST + slot * index;
    world.schedule.start(script(pace), Math.round(at), record);
    return record;
  });
}

function prepare(world: World, plan: AttackPlan) {
  const attack = plan.prepare(world);
  if (!attack) {
    return [];
  }
  const { source, targets, filter, script } = attack;
  const record = new AttackRecord(plan.kind, {
    source: source.name,
    targets: targets.map(({ name }) => name),
    filter,
  });
  return [{ record, script }];
}
